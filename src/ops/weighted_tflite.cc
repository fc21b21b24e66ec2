#include "ops/weighted_tflite.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "ir/node.h"
#include "ops/dense4.h"
#include "ops/foreign.h"
#include "ops/op_def.h"
#include "ops/tflite_version.h"
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

}  // namespace

std::vector<ValueId> tflite_weighted_inputs(Importer& importer) {
  std::vector<ValueId> ids = {importer.id(0), importer.id(1)};
  if (wants_narrow_bias(importer)) ids.push_back(zero_bias(importer));
  if (importer.has_input(2)) ids.push_back(importer.id(2));
  return ids;
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
      consumers(exporter.graph)[static_cast<size_t>(id)].size() > 1)
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
