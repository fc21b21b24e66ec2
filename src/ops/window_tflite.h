// How TFLite's options describe a window that slides over images: shared by the mappings of
// convolutions and pools. Tested by the operators' tests and foreign_test.cc.
#pragma once

#include <string>
#include <string_view>

#include "ops/foreign.h"

namespace mote {

// Two attributes as a size; throws Error{invalid_input} where one is not at least 1.
Size2D tflite_size(const Importer& importer, std::string_view height, std::string_view width);
Size2D tflite_stride(const Importer& importer);
Size2D tflite_dilation(const Importer& importer);

// The shape of a foreign input, which must have `rank` dimensions, all at least 1.
const Shape& tflite_shape(const Importer& importer, size_t input, size_t rank);

// The operands of a weighted node: input, weights, and the bias where there is one.
std::vector<ValueId> tflite_weighted_inputs(Importer& importer);
std::vector<int32_t> tflite_weighted_inputs(const Exporter& exporter, int32_t input);

// The input of an exported convolution, and the name of its padding. Padding that is neither SAME
// nor VALID becomes a PAD before the convolution.
struct TflitePadding {
  int32_t input;
  std::string name;
};
TflitePadding tflite_padding(Exporter& exporter, const Padding& padding, Size2D window,
                             Size2D stride, Size2D dilation);

}  // namespace mote
