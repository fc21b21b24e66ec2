// PAD, PADV2 <-> Pad. Tested by pad_test.cc.
#include "base/error.h"
#include "ops/foreign.h"
#include "ops/op_def.h"
#include "ops/pad/pad.h"
#include "ops/requantization.h"
#include "ops/tflite_version.h"
#include "runtime/arithmetic/affine.h"

namespace mote {
namespace {

float real_of(int32_t quantized, const TensorType& type) {
  return mote_dequantize_f32(quantized, scale_of(type), zero_point_of(type));
}

// The real number that PADV2's third operand holds, in the quantization of the first.
float border_value(const Importer& importer) {
  const ForeignValue& operand = importer.input(2);
  if (!operand.data || element_count(operand.type.shape) != 1)
    throw Error(ErrorKind::unsupported, "the border's value is not one constant number");
  const Value constant = {operand.name, operand.type, operand.data};
  switch (operand.type.dtype) {
    case DType::float32:
      return data_as<float>(constant)[0];
    case DType::int8:
      return real_of(data_as<int8_t>(constant)[0], importer.input(0).type);
    case DType::int16:
      return real_of(data_as<int16_t>(constant)[0], importer.input(0).type);
    default:
      throw Error(ErrorKind::unsupported, "the border's value is " + to_string(operand.type));
  }
}

int32_t export_value(float value, Exporter& exporter) {
  const TensorType& type = exporter.output_type();
  const int32_t operand = exporter.intermediate("value", {type.dtype, {1}, type.quantization});
  Bytes data = to_bytes(std::span<const float>(&value, 1));
  if (type.dtype != DType::float32) {
    const Range range = integer_range(type.dtype);
    const int32_t quantized =
        mote_quantize_f32(value, scale_of(type), zero_point_of(type), range.min, range.max);
    data = {static_cast<uint8_t>(quantized)};
    if (type.dtype == DType::int16) {
      const auto wide = static_cast<int16_t>(quantized);
      data = to_bytes(std::span<const int16_t>(&wide, 1));
    }
  }
  exporter.foreign.values.back().data = std::make_shared<const Bytes>(std::move(data));
  return operand;
}

void import_node(Importer& importer) {
  const std::vector<int64_t> paddings = importer.constant_integers(1);
  ops::Pad pad;
  for (size_t i = 0; i < paddings.size(); i++) {
    const auto size = static_cast<int32_t>(paddings[i]);
    if (size != paddings[i]) throw Error(ErrorKind::invalid_input, "a padding leaves 32 bits");
    (i % 2 == 0 ? pad.before : pad.after).push_back(size);
  }
  if (importer.has_input(2)) pad.value = border_value(importer);
  importer.add(pad, {importer.id(0)});
}

void export_node(const Op& op, Exporter& exporter) {
  const auto& pad = as<ops::Pad>(op);
  std::vector<int32_t> paddings;
  for (size_t d = 0; d < pad.before.size(); d++) {
    paddings.push_back(pad.before[d]);
    paddings.push_back(pad.after[d]);
  }
  const auto rank = static_cast<int32_t>(pad.before.size());
  std::vector<int32_t> inputs = {exporter.input(0),
                                 exporter.integers("paddings", {rank, 2}, paddings)};
  if (pad.value != 0.0f) inputs.push_back(export_value(pad.value, exporter));
  const int32_t version = tflite_type_version(exporter.output_type().dtype);
  exporter.add(inputs.size() == 3 ? "PADV2" : "PAD", version, inputs, {exporter.output()});
}

}  // namespace

Mapping pad_tflite() {
  return {{"PAD", "PADV2"}, import_node, export_node};
}

}  // namespace mote
