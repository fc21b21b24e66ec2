// Tensor types, with quantization inside, and the vocabulary of operator attributes. The attribute
// struct of an operator (ops/<op>/<op>.h) includes this file only. Tested by types_test.cc.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace mote {

enum class DType : uint8_t {
#define MOTE_DTYPE(name, bytes, c_type) name,
#include "ir/dtypes.inc"
#undef MOTE_DTYPE
};

// "int8", and back; `parse_dtype` gives nothing for an unknown name.
std::string_view name_of(DType dtype);
std::optional<DType> parse_dtype(std::string_view name);
// The type's name in C, "int8_t"; bytes of one element.
std::string_view c_type_of(DType dtype);
int64_t size_of(DType dtype);

// Activations are [N, H, W, C] or [N, C], convolution weights [O, H, W, I] (depthwise [1, H, W,
// O]), dense weights [O, I]. Every dimension is at least 1.
using Shape = std::vector<int32_t>;

// A tensor has at most so many elements: products of dimensions, and bytes, stay within int64.
constexpr int64_t kMaxElements = int64_t{1} << 40;

// Throws Error{unsupported} where they are more than kMaxElements.
int64_t element_count(const Shape& shape);
std::string to_string(const Shape& shape);  // "[1, 32, 32, 3]"

// real = scale * (quantized - zero_point). One scale for the tensor, or one for each index of
// dimension `axis`; zero_point has as many entries as scale. `bits` is the number of bits that the
// values use, 2..64, at most those of the dtype.
struct Quantization {
  std::vector<float> scale;
  std::vector<int32_t> zero_point;
  int32_t axis = -1;  // -1: per_tensor
  int32_t bits = 8;

  bool per_channel() const { return axis >= 0; }
  bool operator==(const Quantization&) const = default;
};

Quantization per_tensor(float scale, int32_t zero_point, int32_t bits = 8);
Quantization per_channel(std::vector<float> scale, int32_t axis, int32_t bits = 8);

// float32 with a quantization is fake-quantized: calibration annotates, `quantize` makes integers.
struct TensorType {
  DType dtype = DType::float32;
  Shape shape;
  std::optional<Quantization> quantization;

  bool operator==(const TensorType&) const = default;
};

std::string to_string(const TensorType& type);  // "int8[1, 10] {scale: 0.1, zero_point: -128}"
int64_t byte_size(const TensorType& type);      // throws as element_count

// The integers that a quantized tensor may hold. int8 activations [-128, 127]; symmetric weights
// narrow, [-(2^(bits-1) - 1), 2^(bits-1) - 1].
struct Range {
  int32_t min;
  int32_t max;
};
Range integer_range(DType dtype);
Range weight_range(int32_t bits);

// ---- attributes of operators
// ----------------------------------------------------------------------

// The fused activation of an operator's output.
enum class Activation : uint8_t { none, relu, relu6, relu_n1_to_1 };
std::string_view name_of(Activation activation);
std::optional<Activation> parse_activation(std::string_view name);
// The interval of reals that the activation lets pass; infinite where it does not limit.
struct RealRange {
  float min;
  float max;
};
RealRange range_of(Activation activation);

// Explicit padding in elements; negative padding does not exist.
struct Padding {
  int32_t top = 0;
  int32_t bottom = 0;
  int32_t left = 0;
  int32_t right = 0;

  bool operator==(const Padding&) const = default;
};

// Height and width of a window, a stride or a dilation.
struct Size2D {
  int32_t height = 1;
  int32_t width = 1;

  bool operator==(const Size2D&) const = default;
};

// The number of output positions of a window sliding along one dimension:
// (input + before + after - ((window - 1) * dilation + 1)) / stride + 1, or 0 where it does not
// fit.
int32_t window_count(int32_t input, int32_t window, int32_t stride, int32_t dilation,
                     int32_t before, int32_t after);
// The padding that TensorFlow calls SAME.
Padding same_padding(Size2D input, Size2D window, Size2D stride, Size2D dilation);

}  // namespace mote
