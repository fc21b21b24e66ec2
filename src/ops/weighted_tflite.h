// What the TFLite mappings of the weighted operators share. Tested by those operators' tests.
#pragma once

#include <string>
#include <vector>

#include "ops/foreign.h"

namespace mote {

// The operands of a weighted node: input, weights, and the bias where there is one.
std::vector<ValueId> tflite_weighted_inputs(Importer& importer);
// The operand `bias` of a weighted node, whose input and weights are the operands `input` and
// `weights`, as TFLM takes it: a vector of its elements, whatever its shape, in the accumulator's
// scale, whatever its own. kNoValue where absent.
ValueId tflite_bias(Importer& importer, size_t input, size_t weights, size_t bias);
std::vector<int32_t> tflite_weighted_inputs(Exporter& exporter, int32_t input);

// The input of an exported convolution, and the name of its padding. Padding that is neither SAME
// nor VALID becomes a PAD before the convolution.
struct TflitePadding {
  int32_t input;
  std::string name;
};
TflitePadding tflite_padding(Exporter& exporter, const Padding& padding, Size2D window,
                             Size2D stride, Size2D dilation);

// Whether the node has int8 weights between float32 activations.
bool tflite_dynamic(const Importer& importer);
bool tflite_dynamic(const Exporter& exporter);
// Sets how the imported node, which is the graph's last, quantizes its inputs where it is such a
// one.
void tflite_quantize_inputs(Importer& importer);
// Throws Error{unsupported} where TFLite would quantize the inputs of such a node in another way
// than `op` says.
void tflite_check_inputs(const Op& op, const Exporter& exporter);

// Whether the node's weights are written as INT4: where that is asked for, their int8 values have
// at most 4 bits and the activations 8, and no other node reads them. Marks them so.
bool tflite_int4_weights(Exporter& exporter);

// Whether the node has int16 activations and a 32-bit bias, which TFLite wants to know of.
bool tflite_narrow_bias(const Exporter& exporter);
void tflite_add_bias_type(const Exporter& exporter, ForeignNode& node);

}  // namespace mote
