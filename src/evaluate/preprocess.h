// How pixels become a model's numbers, as users say it: `--preprocess` and its like. Tested by
// preprocess_test.cc.
#pragma once

#include <string_view>

#include "ir/graph.h"

namespace mote::evaluate {

// "scale=1/255", "scale=0.017,0.0175,0.0174,bias=-2.1,-2,-1.8": real = scale * pixel + bias, one
// number for all channels or one for each; what is not said is 1 and 0. Throws Error{usage}.
Preprocessing parse_preprocessing(std::string_view text);

// Takes the place of what the graph says of its only input. Throws Error{usage} for a graph of
// several, and for as many numbers as it has no channels.
void set_preprocessing(Graph& graph, const Preprocessing& preprocessing);

// What raw pixels, 0 to 255, can be behind it.
RealRange pixel_range(const Preprocessing& preprocessing);

}  // namespace mote::evaluate
