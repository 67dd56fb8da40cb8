"""What the values of all runtimes' charts have in common."""

from fluid.charts import ChartValues


class RuntimeIdentity(ChartValues):
    """Namespace and name of the runtime."""

    namespace: str = "default"
    name: str
