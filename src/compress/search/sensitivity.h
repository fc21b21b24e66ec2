// How much each layer's bits matter: what the network loses where one layer alone has few of them,
// and the bytes that it takes then. Tested by sensitivity_test.cc. The loss at the output, as in
// ZeroQ (2001.00281).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "compress/quantize/post_training.h"
#include "evaluate/divergence.h"

namespace mote::compress {

// How far a search is, 0 to 1, and what it does.
using SearchProgress = std::function<void(double done, const std::string& what)>;

// A layer with some bits, among others with as many as the scheme has.
struct LayerSensitivity {
  int32_t bits = 0;
  evaluate::Divergence divergence = {};  // from the float network, on samples
  // Of its constants, weights, biases and multipliers, in the storage that `deploy` gives them
  // where all layers have so many bits: what decoders cost is borne by all of them.
  int64_t constant_bytes = 0;
};

// Nodes of one name get the same bits.
struct SearchedLayer {
  std::string name;
  std::vector<size_t> nodes;
  std::vector<LayerSensitivity> sensitivity;  // by bits, the fewest first
};

struct Sensitivities {
  std::vector<SearchedLayer> layers;     // those whose bits nothing says, in the order of the graph
  LayerBits most;                        // by node: what `options` says, and the most for these
  int64_t constant_bytes = 0;            // of the network that has these
  evaluate::Divergence divergence = {};  // its own
};

// `graph` as quantize takes it, `options` as quantize's; their weight_bits are not read. Layers
// behind the one that is tried stay as they are with the most bits.
Sensitivities sensitivities(const Graph& graph, const QuantizeOptions& options,
                            const CalibrationSamples& samples, const evaluate::Reference& reference,
                            const SearchProgress& progress = {});

// A graph whose weights are fitted, quantized: they keep what they have.
Graph quantized_as_fitted(const Graph& fitted, const QuantizeOptions& options);

}  // namespace mote::compress
