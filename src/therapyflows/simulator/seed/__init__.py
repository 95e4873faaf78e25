"""The synthetic practice: data files and the code that turns them into a chart, the same every time."""
