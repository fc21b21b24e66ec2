// What the operators' `lower` and `check_quantized` share about quantized activations: their scale,
// their clamp, and whether a kernel takes them. Formulas: docs/arithmetic.md. Tested by
// requantization_test.cc.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "ops/lowering.h"
#include "runtime/arithmetic/multiplier.h"

namespace mote {

// The one scale and zero point of an activation. Throws Error{invalid_input} where there is none,
// the scale is not positive or the zero point is no value of the type.
float scale_of(const TensorType& type);
int32_t zero_point_of(const TensorType& type);

// The clamp of a fused activation. Quantized: within the integers of `output`, which has a scale,
// in binary32 throughout, as TFLite. Float: FLT_MAX where the activation does not limit, so that
// the firmware can print it.
Range activation_range(Activation activation, const TensorType& output);
RealRange activation_range(Activation activation);

// "_s8" or "_s16", the end of the name of a kernel whose output has that type. Throws
// Error{unsupported} on any other type.
std::string kernel_suffix(const Lowering& lowering);

// The multiplier that takes (q - zero_point) of the first input from one scale to another,
// `rescale` times finer. Throws Error{unsupported} where the product would not fit into 32 bits.
mote_multiplier rescale_multiplier(double rescale, const Lowering& lowering);

// The least scale of an output to which rescale_multiplier takes `factor` times the first input.
double least_rescaled_scale(double factor, const Lowering& lowering);

// For check_quantized. `role` ("input 0", "output") goes into the error. A float32 tensor always
// passes the first; an integer one must be int8 or int16 (Error{unsupported}) and quantized per
// tensor, its zero point within the type; that of int16 is 0 (Error{invalid_input}).
void check_activation(const TensorType& type, std::string_view role);
// The same of what Quantize and Dequantize stand between: uint8 and int32, whose zero point is 0,
// pass as well.
void check_border(const TensorType& type, std::string_view role);
bool is_border_type(DType dtype);
// Both have the same scale and zero point, or are float32.
void check_same_quantization(const TensorType& input, const TensorType& output);

// The integers that stand for `reals` in a tensor of `type`: int8, uint8 or int16, one scale.
// Throws Error{unsupported} on any other type.
Bytes quantized(const TensorType& type, std::span<const float> reals);

// True where the tensor holds quantized integers rather than reals.
bool is_integer(const TensorType& type);

}  // namespace mote
