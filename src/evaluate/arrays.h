// Raw tensors through a model, as `mote run` takes and gives them: quantized values for quantized
// models. Tested by arrays_test.cc.
#pragma once

#include <string>
#include <vector>

#include "evaluate/engine.h"
#include "ir/npy.h"

namespace mote::evaluate {

// One array per input of the graph, of its dtype, in a shape that goes with its own (layout.h). A
// leading N means N inferences; the outputs then have it as well. Throws Error{usage} that names
// the input and both types.
std::vector<Array> run_arrays(Engine& engine, const Graph& graph, const std::vector<Array>& inputs);

}  // namespace mote::evaluate
