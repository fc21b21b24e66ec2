#include "ops/requantization.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "ops/lowering.h"
#include "runtime/arithmetic/affine.h"

namespace mote {
namespace {

// Kernels trust what passes here: 255 steps and a scale to divide by.
const Quantization& quantization_of(const TensorType& type) {
  const auto fail = [&](std::string_view why) {
    throw Error(ErrorKind::invalid_input, fmt::format("{} {}", to_string(type), why));
  };
  if (!type.quantization) fail("has no scale");
  const Quantization& q = *type.quantization;
  if (q.per_channel() || q.scale.size() != 1 || q.zero_point.size() != 1)
    fail("is not quantized per tensor");
  if ((type.dtype == DType::int16 || type.dtype == DType::int32) && q.zero_point[0] != 0)
    fail(fmt::format("has a zero point other than 0, which {} has not", name_of(type.dtype)));
  const Range integers = integer_range(type.dtype);
  if (q.zero_point[0] < integers.min || q.zero_point[0] > integers.max)
    fail("has a zero point outside of its type");
  if (!(q.scale[0] > 0.0f)) fail("has a scale that is not positive");
  return q;
}

template <class T>
Bytes integers_of(const TensorType& type, std::span<const float> reals) {
  const Quantization& q = type.quantization.value();
  const Range range = integer_range(type.dtype);
  std::vector<T> elements;
  elements.reserve(reals.size());
  for (float real : reals)
    elements.push_back(
        static_cast<T>(mote_quantize_f32(real, q.scale[0], q.zero_point[0], range.min, range.max)));
  return to_bytes(std::span<const T>(elements));
}

}  // namespace

Bytes quantized(const TensorType& type, std::span<const float> reals) {
  switch (type.dtype) {
    case DType::int8:
      return integers_of<int8_t>(type, reals);
    case DType::uint8:
      return integers_of<uint8_t>(type, reals);
    case DType::int16:
      return integers_of<int16_t>(type, reals);
    default:
      throw Error(ErrorKind::unsupported, fmt::format("{} of reals", name_of(type.dtype)));
  }
}

bool is_integer(const TensorType& type) {
  return type.dtype != DType::float32 && type.dtype != DType::float16;
}

float scale_of(const TensorType& type) {
  return quantization_of(type).scale[0];
}

int32_t zero_point_of(const TensorType& type) {
  return quantization_of(type).zero_point[0];
}

Range activation_range(Activation activation, const TensorType& output) {
  const Range integers = integer_range(output.dtype);
  const RealRange reals = range_of(activation);
  const float scale = scale_of(output);
  const int32_t zero_point = zero_point_of(output);
  const auto bound = [&](float real) {
    return mote_quantize_f32(real, scale, zero_point, integers.min, integers.max);
  };
  return {bound(reals.min), bound(reals.max)};
}

RealRange activation_range(Activation activation) {
  constexpr float kLargest = std::numeric_limits<float>::max();
  const RealRange reals = range_of(activation);
  return {std::max(reals.min, -kLargest), std::min(reals.max, kLargest)};
}

namespace {

// How far (q - zero_point) may be shifted to the left within 32 bits; zero points of int16 and
// int32 are 0.
int32_t room_for_shift(DType type) {
  if (type == DType::int32) return 0;
  return type == DType::int16 ? 15 : 22;
}

}  // namespace

std::string kernel_suffix(const Lowering& lowering) {
  const DType type = lowering.output_type().dtype;
  if (type != DType::int8 && type != DType::int16) throw lowering.no_kernel();
  return type == DType::int8 ? "_s8" : "_s16";
}

mote_multiplier rescale_multiplier(double rescale, const Lowering& lowering) {
  const int32_t largest_shift = room_for_shift(lowering.input_type(0).dtype);
  const mote_multiplier multiplier = mote_quantize_multiplier(rescale);
  if (multiplier.shift > largest_shift)
    throw Error(ErrorKind::unsupported,
                fmt::format("rescales by {}, which int32 cannot hold", rescale),
                describe(lowering.node));
  return multiplier;
}

double least_rescaled_scale(double factor, const Lowering& lowering) {
  // A factor below 2^shift has that shift or less; as much again for rounding.
  const int32_t largest_shift = room_for_shift(lowering.input_type(0).dtype);
  return 2 * factor * scale_of(lowering.input_type(0)) / std::ldexp(1.0, largest_shift);
}

bool is_border_type(DType dtype) {
  return dtype == DType::int8 || dtype == DType::uint8 || dtype == DType::int16 ||
         dtype == DType::int32;
}

void check_border(const TensorType& type, std::string_view role) {
  if (!is_integer(type)) return;
  if (!is_border_type(type.dtype))
    throw Error(ErrorKind::unsupported,
                fmt::format("{}: {}, int8, uint8, int16 or int32 expected", role, to_string(type)));
  try {
    quantization_of(type);
  } catch (const Error& error) {
    throw Error(error.kind, fmt::format("{}: {}", role, error.message));
  }
}

void check_activation(const TensorType& type, std::string_view role) {
  if (is_integer(type) && type.dtype != DType::int8 && type.dtype != DType::int16)
    throw Error(ErrorKind::unsupported,
                fmt::format("{}: {}, int8 or int16 expected", role, to_string(type)));
  check_border(type, role);
}

void check_same_quantization(const TensorType& input, const TensorType& output) {
  if (!is_integer(input)) return;
  if (scale_of(input) != scale_of(output) || zero_point_of(input) != zero_point_of(output))
    throw Error(ErrorKind::invalid_input,
                fmt::format("input {} and output {} must have the same scale and zero point",
                            to_string(input), to_string(output)));
}

}  // namespace mote
