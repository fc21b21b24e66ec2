// What a TFLite file has no field for: how pixels become the network's input, and the classes'
// names. They travel as JSON in a metadata entry called "mote", which other readers skip:
//   {"labels": ["cat", ...], "preprocessing": [{"bias": [0.0], "scale": [0.00392156...]}]}
// Tested by metadata_test.cc.
#pragma once

#include <string>
#include <string_view>

#include "ir/foreign_node.h"

namespace mote::formats::tflite {

constexpr std::string_view kMetadataName = "mote";

// Empty where there is nothing to say.
std::string print_metadata(const ForeignGraph& graph);
// Fills preprocessing and labels; the graph's inputs are known. Throws Error{invalid_input}.
void parse_metadata(std::string_view json, ForeignGraph& graph);

}  // namespace mote::formats::tflite
