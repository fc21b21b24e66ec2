// TRANSPOSE_CONV <-> TransposeConv. The file's operands are the output's shape, weights, input and
// bias. Tested by transpose_conv_test.cc.
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "ops/foreign.h"
#include "ops/op_def.h"
#include "ops/transpose_conv/transpose_conv.h"
#include "ops/weighted_tflite.h"
#include "ops/window.h"
#include "ops/window_tflite.h"

namespace mote {
namespace {

constexpr size_t kOutputShape = 0, kWeights = 1, kInput = 2, kBias = 3;

// The shape of the file's output, which the first operand says again where it is a constant; one
// that comes at run time stays an input that nobody reads.
const Shape& output_shape(const Importer& importer) {
  const Shape& shape = importer.output().type.shape;
  if (shape.size() != 4)
    throw Error(ErrorKind::invalid_input,
                fmt::format("output shape {} is not [N, H, W, C]", to_string(shape)));
  if (importer.input(kOutputShape).data &&
      !std::ranges::equal(importer.constant_integers(kOutputShape), shape))
    throw Error(ErrorKind::invalid_input,
                fmt::format("'{}' is not the output's shape {}", importer.input(kOutputShape).name,
                            to_string(shape)));
  return shape;
}

// What the output has beyond the whole of the windows, less what the padding cuts.
int32_t beyond(int64_t output, int64_t input, int64_t window, int64_t stride, int64_t padding) {
  const int64_t rest = output + padding - ((input - 1) * stride + window);
  if (rest < 0 || rest >= stride)
    throw Error(ErrorKind::invalid_input,
                fmt::format("an output of {} from an input of {} by a window of {}, stride {} and "
                            "padding {}",
                            output, input, window, stride, padding));
  return static_cast<int32_t>(rest);
}

// The first version of TFLite that knows what the node needs.
int32_t version_of(const ops::TransposeConv& conv, const Exporter& exporter) {
  if (conv.activation != Activation::none) return 4;
  if (exporter.has_input(2)) return 3;
  return exporter.input_type(1).dtype == DType::int8 ? 2 : 1;
}

void add_node(const ops::TransposeConv& conv, const std::string& padding, const Shape& shape,
              int32_t output, Exporter& exporter) {
  std::vector<int32_t> inputs = {exporter.integers("output_shape", {4}, shape), exporter.input(1),
                                 exporter.input(0)};
  if (exporter.has_input(2)) inputs.push_back(exporter.input(2));
  ForeignNode& node = exporter.add("TRANSPOSE_CONV", version_of(conv, exporter), inputs, {output});
  node.attributes = {{"padding", padding},
                     {"stride_w", conv.stride.width},
                     {"stride_h", conv.stride.height},
                     {"fused_activation_function", Exporter::activation_name(conv.activation)}};
}

void import_node(Importer& importer) {
  const Shape& input = tflite_shape(importer, kInput, 4);
  const Shape& weights = tflite_shape(importer, kWeights, 4);
  const Shape& output = output_shape(importer);
  const Size2D window{weights[1], weights[2]};
  ops::TransposeConv conv;
  conv.stride = tflite_stride(importer);
  conv.padding = importer.padding(image_size(output), window, conv.stride, {1, 1});
  conv.activation = importer.activation();
  const auto& [top, bottom, left, right] = conv.padding;
  conv.output_padding = {
      beyond(output[1], input[1], window.height, conv.stride.height, int64_t{top} + bottom),
      beyond(output[2], input[2], window.width, conv.stride.width, int64_t{left} + right)};
  std::vector<ValueId> inputs = {importer.id(kInput), importer.id(kWeights)};
  if (importer.has_input(kBias)) inputs.push_back(tflite_bias(importer, kInput, kWeights, kBias));
  importer.add(conv, inputs);
}

// Padding that is neither SAME nor VALID is cut from a larger output.
void export_node(const Op& op, Exporter& exporter) {
  const auto& conv = as<ops::TransposeConv>(op);
  const Shape& weights = exporter.input_type(1).shape;
  const TensorType& output = exporter.output_type();
  const std::string padding = exporter.padding_name(conv.padding, image_size(output.shape),
                                                    {weights[1], weights[2]}, conv.stride, {1, 1});
  if (!padding.empty()) return add_node(conv, padding, output.shape, exporter.output(), exporter);

  const auto& [top, bottom, left, right] = conv.padding;
  TensorType whole = output;
  whole.shape[1] += top + bottom;
  whole.shape[2] += left + right;
  const int32_t uncut = exporter.intermediate("uncut", whole);
  add_node(conv, "VALID", whole.shape, uncut, exporter);
  const Shape& shape = output.shape;
  const int32_t begin = exporter.integers("begin", {4}, {0, top, left, 0});
  const int32_t end =
      exporter.integers("end", {4}, {shape[0], top + shape[1], left + shape[2], shape[3]});
  const int32_t strides = exporter.integers("strides", {4}, {1, 1, 1, 1});
  exporter.add("STRIDED_SLICE", output.dtype == DType::float32 ? 1 : 2,
               {uncut, begin, end, strides}, {exporter.output()});
}

}  // namespace

Mapping transpose_conv_tflite() {
  return {{"TRANSPOSE_CONV"}, import_node, export_node};
}

}  // namespace mote
