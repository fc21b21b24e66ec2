// How TFLite's options describe a window that slides over images: shared by the mappings of
// convolutions and pools. Tested by the operators' tests and foreign_test.cc.
#pragma once

#include <string_view>

#include "ops/foreign.h"

namespace mote {

// Two attributes as a size; throws Error{invalid_input} where one is not at least 1.
Size2D tflite_size(const Importer& importer, std::string_view height, std::string_view width);
Size2D tflite_stride(const Importer& importer);
Size2D tflite_dilation(const Importer& importer);

// The shape of a foreign input, which must have `rank` dimensions, all at least 1.
const Shape& tflite_shape(const Importer& importer, size_t input, size_t rank);

}  // namespace mote
