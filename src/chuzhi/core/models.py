"""Django finds a package's tables here."""

from chuzhi.core.audit import AuditEntry

__all__ = ["AuditEntry"]
