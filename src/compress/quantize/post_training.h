// What samples say of a network's weights before it is quantized: which integers they should become
// (rounding = "gptq"), and how far a bias makes up for what rounding does to the mean of a sum
// (bias_correction). Layer by layer in the order of the graph, with what the network computes that
// is quantized so far. Tested by post_training_test.cc.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "compress/quantize/layer_bits.h"
#include "compress/quantize/quantize.h"

namespace mote::compress {

// `graph` as quantize takes it. Weights that become integers are annotated with the quantization
// that they shall get, and are multiples of its scales; quantize keeps both. Those that are
// annotated already round to the nearest.
// * What enters a layer has passed the layers before as integers do: weights rounded, activations
//   at the steps of their annotations.
// * gptq: per channel, of 64 patches of each sample. First the weights W' that give the sums y of
//   the float network for the inputs x that a layer has now, by min |W' x - y|^2 + r |W' - W|^2
//   with r a hundredth of the mean of x^2; then integers for these, by GPTQ and coordinate descent
//   (quantize/rounding.h); `refits` times scales are fitted to the integers, which descend again.
//   Masked weights stay zero. Layers that are no convolution and no dense layer round to the
//   nearest.
// * bias_correction: to each bias is added what the float network's sums, before the activation,
//   have in the mean over samples and positions above those of the quantized one (1906.04721, 4.2),
//   and second moments are about the mean; layers without a bias get one.
Graph fitted_to_samples(const Graph& graph, const QuantizeOptions& options,
                        const CalibrationSamples& samples);

// The same for several choices of bits, as layer_bits_of gives them; layers up to which choices
// agree are fitted once.
std::vector<Graph> fitted_with_bits(const Graph& graph, const QuantizeOptions& options,
                                    const CalibrationSamples& samples,
                                    const std::vector<LayerBits>& choices);

// A layer with bits of its own among layers that have others.
struct LayerFit {
  size_t node = 0;
  int32_t bits = 0;
  Value weights = {};            // annotated
  std::vector<float> bias = {};  // none where it stays as it is
};

struct LayerFits {
  Graph graph;                 // fitted with the bits that were said
  std::vector<LayerFit> fits;  // by node, then in the order of its trials
};

// Fits the network with `bits`, and each layer also with each of its trials, by node, behind what
// `bits` make of those before it.
LayerFits fitted_layer_by_layer(const Graph& graph, const QuantizeOptions& options,
                                const CalibrationSamples& samples, const LayerBits& bits,
                                const std::vector<std::vector<int32_t>>& trials);

// The fitted graph with some layers exchanged; those behind them stay as they are.
Graph with_layers(const Graph& fitted, std::span<const LayerFit* const> fits);

}  // namespace mote::compress
