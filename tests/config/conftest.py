import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from product import Product, wait_until


@pytest.fixture
def product() -> Iterator[Product]:
    # Not below pytest's own folder: that one is closed to the user whom root hands the database to.
    folder = Path(tempfile.mkdtemp(prefix="chuzhi-test-"))
    folder.chmod(0o755)
    product = Product(folder / "data")
    yield product
    product.stop()
    wait_until(lambda: not product.processes(), "nothing of the product is left running")
    shutil.rmtree(folder)
