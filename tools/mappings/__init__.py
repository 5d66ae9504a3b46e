"""How the constants of each imported graph become the state dict of our own Module: one module a family.

Every module has ``state_dict(graph: Graph) -> dict[str, NDArray]``: names are the Module's, kernels are OIHW
(depthwise: C1HW), values float32 or float16.
"""
