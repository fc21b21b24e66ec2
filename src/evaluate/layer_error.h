// Which layer of a compressed model costs the accuracy: what each one, compressed alone in the
// float model, adds to the error of the network's output. Tested by layer_error_test.cc.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "datasets/dataset.h"
#include "ir/graph.h"

namespace mote::evaluate {

struct LayerErrorOptions {
  int32_t samples = 32;  // the first so many images
  int32_t threads = 0;   // 0: as many as the machine has cores
};

// By node of `compressed`: the signal-to-noise ratio in dB of the logits (what enters a final
// Softmax, else output 0) where this node alone runs compressed and all others run in float. What
// comes into the node is quantized in signal and noise alike, so that a layer answers for its
// weights, its arithmetic and its output, and not for the layer before. Noise of layers that do not
// depend on each other adds up by power: 10 dB less is ten times as much, and the lowest names the
// layer to blame. Nothing where a node adds no noise, where the float model has no such node or one
// of other shapes (channels were pruned), and behind the logits.
//
// `original` is the float model that `compressed` was made from, optimized or not; `data` is of
// the training or validation split. Throws Error{usage} where no node is in both, and as encode and
// make_engine do.
std::vector<std::optional<double>> layer_error(const Graph& original, const Graph& compressed,
                                               const datasets::Split& data,
                                               const LayerErrorOptions& options = {});

}  // namespace mote::evaluate
