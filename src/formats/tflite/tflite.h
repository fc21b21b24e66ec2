// The TensorFlow Lite container, schema version 3: bytes to the neutral view and back. It knows no
// operator: option tables become attributes by reflection over schema.fbs. Tested by tflite_test.cc
// and tests/fuzz.
#pragma once

#include <span>
#include <string>

#include "ir/foreign_node.h"

namespace mote::formats {

// Bytes from outside: whatever they are, the result is a view whose indices, shapes and sizes
// agree, or Error{invalid_input} or Error{unsupported} that begins with `where` (the file's name)
// and names the tensor or the node.
ForeignGraph parse_tflite(std::span<const uint8_t> bytes, const std::string& where);

// The same view gives the same bytes. What it holds twice is written once. Preprocessing and labels
// travel in a metadata entry of our own (metadata.h).
Bytes print_tflite(const ForeignGraph& graph);

}  // namespace mote::formats
