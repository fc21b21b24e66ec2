// Cross-layer equalization: channels of an activation are divided by factors that the layers behind
// take into their weights, so that the network computes the same and its channels lie closer
// together. 1906.04721, 4.1; by activations 2211.10438. Tested by equalize_test.cc.
#pragma once

#include <cstdint>

#include "compress/calibrate/calibrate.h"
#include "compress/choices.h"
#include "ir/graph.h"

namespace mote::compress {

// What the factor of a channel balances with the weights that read it.
enum class EqualizeBy : uint8_t {
  weights,      // those that make it
  activations,  // what it is on samples
};
template <>
std::span<const std::string_view> choices<EqualizeBy>();

// Divides channel i of each activation by s_i = sqrt(r_i / w_i), again and again until no factor
// changes by a thousandth. w_i: the largest magnitude of weights that read the channel; r_i: of
// those that make it, or of itself on the samples. Of a depthwise layer between two others all
// three ranges become (r_1 r_2 r_3)^(1/3). Activations between which only operators lie that keep
// their channels and factors (Add, pooling, Relu, ..) share their factors. Left alone are
// those that something else makes or reads, and inputs and outputs of the graph; so are channels
// that reach a Relu6's clip on a sample, and others may come up to it but not beyond: for what the
// samples show the network stays the same. Gives the number of channels that changed.
// float-equivalent on the samples. Throws Error{usage} where there are none.
int32_t equalize(Graph& graph, EqualizeBy by, const CalibrationSamples& samples);

}  // namespace mote::compress
