#include "ops/weighted_tflite.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "ir/node.h"
#include "ops/dense4.h"
#include "ops/foreign.h"
#include "ops/op_def.h"
#include "ops/tflite_version.h"
#include "ops/weighted.h"
#include "ops/window.h"

namespace mote {

namespace {

// The bias says by its type how wide the accumulators of int16 are. Where there is none, an option
// does: Conv2D and FullyConnected.
bool wants_narrow_bias(const Importer& importer) {
  return !importer.has_input(2) && importer.input(0).type.dtype == DType::int16 &&
         importer.text("quantized_bias_type", "FLOAT32") == "INT32";
}

ValueId zero_bias(Importer& importer) {
  const ForeignValue& weights = importer.input(1);
  if (!weights.data) throw Error(ErrorKind::unsupported, "the weights are not constant");
  const int32_t channels = weights.type.shape[0];
  return importer.constant("bias", {DType::int32, {channels}, {}},
                           Bytes(static_cast<size_t>(channels) * sizeof(int32_t), 0));
}

bool has_scales(const TensorType& weights, size_t channels) {
  return weights.quantization && (weights.quantization->scale.size() == 1 ||
                                  weights.quantization->scale.size() == channels);
}

// Whether TFLM refuses the node for what contradicts: it looks at the bias's scale in one case
// only, and asks how much of an output step the difference is.
bool compares_scales(const Importer& importer, const TensorType& input, const TensorType& weights,
                     const TensorType& bias) {
  const TensorType& output = importer.output().type;
  if (importer.node.type != "FULLY_CONNECTED" || weights.quantization->per_channel() ||
      !output.quantization)
    return false;
  const float product = input.quantization->scale[0] * weights.quantization->scale[0];
  const float difference = std::abs(product - bias.quantization->scale[0]);
  return difference / output.quantization->scale[0] > 0.02f;
}

// The accumulator's scale counts, whatever the file says of the bias; where it says something else,
// the user should know.
void drop_false_scale(Importer& importer, const TensorType& input, const TensorType& weights,
                      TensorType& bias) {
  const auto channels = static_cast<size_t>(element_count(bias.shape));
  if (!bias.quantization || !has_scales(weights, channels) || !input.quantization ||
      !(input.quantization->scale[0] > 0.0f))
    return;
  const std::string contradiction = bias_contradiction(input, weights, bias);
  if (contradiction.empty() || compares_scales(importer, input, weights, bias)) return;
  importer.note(contradiction + ": the latter counts");
  bias.quantization.reset();
}

}  // namespace

std::vector<ValueId> tflite_weighted_inputs(Importer& importer) {
  std::vector<ValueId> ids = {importer.id(0), importer.id(1)};
  if (wants_narrow_bias(importer)) ids.push_back(zero_bias(importer));
  if (importer.has_input(2)) ids.push_back(tflite_bias(importer, 0, 1, 2));
  return ids;
}

ValueId tflite_bias(Importer& importer, size_t input, size_t weights, size_t bias) {
  const ForeignValue& value = importer.input(bias);
  if (!value.data) return importer.id(bias);
  TensorType type = value.type;
  type.shape = {static_cast<int32_t>(element_count(type.shape))};
  if (type.quantization && type.quantization->per_channel()) type.quantization->axis = 0;
  if (value.type.dtype != DType::float32 && value.type.dtype != DType::float16)
    drop_false_scale(importer, importer.input(input).type, importer.input(weights).type, type);
  return importer.retyped(bias, std::move(type));
}

std::vector<int32_t> tflite_weighted_inputs(Exporter& exporter, int32_t input) {
  std::vector<int32_t> ids = {input, exporter.input(1)};
  if (exporter.has_input(2)) ids.push_back(exporter.input(2));
  return ids;
}

bool tflite_dynamic(const Importer& importer) {
  return importer.input(0).type.dtype == DType::float32 &&
         importer.input(1).type.dtype == DType::int8;
}

bool tflite_dynamic(const Exporter& exporter) {
  return exporter.input_type(0).dtype == DType::float32 &&
         exporter.input_type(1).dtype == DType::int8;
}

void tflite_quantize_inputs(Importer& importer) {
  if (!tflite_dynamic(importer)) return;
  Op& op = importer.graph.nodes.back().op;
  op_def(op).quantize_inputs_for(op, importer.input(1).type);
}

void tflite_check_inputs(const Op& op, const Exporter& exporter) {
  if (!tflite_dynamic(exporter)) return;
  Op expected = op;
  op_def(op).quantize_inputs_for(expected, exporter.input_type(1));
  if (expected != op)
    throw Error(ErrorKind::unsupported,
                "with such weight scales TFLite decides otherwise about asymmetric_inputs", {},
                "change the attribute, or the scales");
}

bool tflite_int4_weights(Exporter& exporter) {
  const ValueId id = exporter.node.inputs.at(1);
  const Value& weights = exporter.graph.value(id);
  const bool fits = weights.constant() && weights.type.dtype == DType::int8 &&
                    weights.type.quantization && weights.type.quantization->bits <= 4;
  if (!exporter.options.int4_weights || !fits || exporter.input_type(0).dtype != DType::int8 ||
      exporter.readers(1) > 1)
    return false;
  if (!std::ranges::all_of(data_as<int8_t>(weights), fits_dense4))
    throw Error(ErrorKind::invalid_input,
                fmt::format("'{}' has weights beyond its {} bits", weights.name,
                            weights.type.quantization->bits));
  exporter.foreign.values[static_cast<size_t>(id)].type.quantization->bits = 4;
  return true;
}

bool tflite_narrow_bias(const Exporter& exporter) {
  return exporter.input_type(0).dtype == DType::int16 && exporter.has_input(2) &&
         exporter.input_type(2).dtype == DType::int32;
}

void tflite_add_bias_type(const Exporter& exporter, ForeignNode& node) {
  if (tflite_narrow_bias(exporter))
    node.attributes.push_back({"quantized_bias_type", std::string("INT32")});
}

TflitePadding tflite_padding(Exporter& exporter, const Padding& padding, Size2D window,
                             Size2D stride, Size2D dilation) {
  TensorType type = exporter.input_type(0);
  const std::string name =
      exporter.padding_name(padding, image_size(type.shape), window, stride, dilation);
  if (!name.empty()) return {exporter.input(0), name};

  const int32_t borders = exporter.integers(
      "paddings", {4, 2}, {0, 0, padding.top, padding.bottom, padding.left, padding.right, 0, 0});
  type.shape[1] += padding.top + padding.bottom;
  type.shape[2] += padding.left + padding.right;
  const int32_t version = tflite_type_version(type.dtype);
  const int32_t padded = exporter.intermediate("padded", std::move(type));
  exporter.add("PAD", version, {exporter.input(0), borders}, {padded});
  return {padded, "VALID"};
}

}  // namespace mote
