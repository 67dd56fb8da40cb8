"""The values.yaml of a chart: what the values model takes, and the chart renders with.

No pass of the operator reads that file: only `fluid render --chart` does, by which an author tries the chart.
"""

from collections.abc import Iterator
from typing import get_args

from pydantic import ValidationError

from fluid.charts import ChartError, ChartValues, Release, load_chart
from fluid.engines.core.settings import Settings
from fluid.engines.testing.examples import Example
from fluid.engines.testing.rendering import Make, built, registration_by

_RELEASE = Release("defaults", "default")


def broken_defaults(registered: Make, example: Example, settings: Settings) -> Iterator[str]:
    """What is wrong with the values.yaml of an engine's chart."""
    registration = registration_by(registered)
    engine = built(registration, example, settings)
    model = values_model(type(engine))
    if model is None:
        yield f"{type(engine).__name__} names no values model; derive it from `Engine[Kind, Values]`."
        return
    try:
        chart = load_chart(engine.chart)
        values = model.model_validate(dict(chart.defaults))
        if chart.name in registration.values:
            chart.render(values, _RELEASE)
        else:  # `fluid render --chart` reads the file as it is
            chart.render_mapping(chart.defaults, _RELEASE)
    except ValidationError as error:
        for one in error.errors(include_url=False):
            where = ".".join(str(part) for part in one["loc"])
            yield f"values.yaml of {engine.chart}, {where}: {one['msg']}. {model.__name__} and it must agree."
    except ChartError as error:
        yield f"values.yaml of {engine.chart}: {error}. Give each value that templates read a default there."


def values_model(engine: type) -> type[ChartValues] | None:
    """The values model that an engine names where it derives from `Engine[Kind, Values]`."""
    bases = (base for one in engine.__mro__ for base in getattr(one, "__orig_bases__", ()))
    found = (argument for base in bases for argument in get_args(base))
    return next((one for one in found if isinstance(one, type) and issubclass(one, ChartValues)), None)
