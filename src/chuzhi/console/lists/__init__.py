"""What every list of the console can do, from one declaration: filters, sorting, columns, pages, views, files, choosing rows."""
