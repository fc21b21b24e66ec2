// What samples say of a network's weights before it is quantized: which integers they should become
// (rounding = "gptq"), and how far a bias makes up for what rounding does to the mean of a sum
// (bias_correction). Layer by layer in the order of the graph, with what the network computes that
// is quantized so far. Tested by post_training_test.cc.
#pragma once

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

}  // namespace mote::compress
