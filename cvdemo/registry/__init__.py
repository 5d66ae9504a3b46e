"""One row per model. Importing this loads neither torch nor any weights."""

from __future__ import annotations

from cvdemo.registry.classics import OFFICIAL, classic_spec, classic_specs
from cvdemo.registry.shipped import SHIPPED
from cvdemo.registry.spec import TASKS, ModelSpec, Registry, Task
from cvdemo.registry.yolo import add_yolo, yolo_spec
from cvdemo.settings import settings

__all__ = ["OFFICIAL", "REGISTRY", "TASKS", "ModelSpec", "Registry", "Task", "classic_spec", "yolo_spec"]

REGISTRY = Registry([*SHIPPED, *classic_specs(settings().weights_dir)])
add_yolo(REGISTRY, settings().weights_dir)
