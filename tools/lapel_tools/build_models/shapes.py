"""Giving a fully convolutional .tflite file another input size."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from tensorflow.lite.python import schema_py_generated as schema

from lapel_tools.build_models import flatbuffer


def reshape_input(model: flatbuffer.Model, width_px: int, height_px: int) -> None:
    """Change the input to ``width_px`` × ``height_px``, and with it every size that the graph has written down.

    The model must be float and made of operators that do not care where a pixel is; a RESIZE_BILINEAR is
    taken to enlarge by a whole factor, which is kept.
    """
    graph = model.subgraphs[0]
    source = graph.tensors[graph.inputs[0]]
    old_height, old_width = int(source.shape[1]), int(source.shape[2])
    if (old_height, old_width) == (height_px, width_px):
        return
    for operator in graph.operators:
        if flatbuffer.opcode(model, operator) == schema.BuiltinOperator.RESIZE_BILINEAR:
            size = flatbuffer.constant(model, int(operator.inputs[1]))
            if size is None:
                raise ValueError("RESIZE_BILINEAR to a computed size; this model cannot be re-shaped")
            scaled = size * np.array([height_px, width_px]) // np.array([old_height, old_width])
            flatbuffer.set_constant(model, int(operator.inputs[1]), scaled.astype(size.dtype))
    interpreter = tf.lite.Interpreter(
        model_content=flatbuffer.dump(model),
        experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    interpreter.resize_tensor_input(int(graph.inputs[0]), [1, height_px, width_px, 3])
    interpreter.allocate_tensors()
    for detail in interpreter.get_tensor_details():
        index = int(detail["index"])
        if index < len(graph.tensors) and flatbuffer.constant(model, index) is None:
            graph.tensors[index].shape = np.array(detail["shape"], dtype=np.int32)
