"""Charts in Helm layout, rendered by jinja2 into typed Kubernetes objects."""

from fluid.charts.chart import Chart, Release, load_chart
from fluid.charts.text import ChartError
from fluid.charts.values import ChartValues

__all__ = ["Chart", "ChartError", "ChartValues", "Release", "load_chart"]
