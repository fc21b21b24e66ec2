// How many bits the weights of each layer get. Tested by layer_bits_test.cc.
#pragma once

#include <cstdint>
#include <vector>

#include "compress/quantize/quantize.h"

namespace mote::compress {

// By node of a float graph: the bits of its weights, 0 where they do not become integers.
using LayerBits = std::vector<int32_t>;

// What names the layer goes before what it is among the layers, that before its kind, that before
// weight_bits. First is a layer that no other one comes before, last one that no other one comes
// behind: a network of several branches may have several. Throws Error{usage} for bits that the
// scheme does not have and for names that no layer has.
LayerBits layer_bits_of(const Graph& graph, const QuantizeOptions& options);

}  // namespace mote::compress
