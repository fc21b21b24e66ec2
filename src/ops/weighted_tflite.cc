#include "ops/weighted_tflite.h"

#include "ops/window.h"

namespace mote {

std::vector<ValueId> tflite_weighted_inputs(Importer& importer) {
  std::vector<ValueId> ids = {importer.id(0), importer.id(1)};
  if (importer.has_input(2)) ids.push_back(importer.id(2));
  return ids;
}

std::vector<int32_t> tflite_weighted_inputs(const Exporter& exporter, int32_t input) {
  std::vector<int32_t> ids = {input, exporter.input(1)};
  if (exporter.has_input(2)) ids.push_back(exporter.input(2));
  return ids;
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
  const int32_t version = type.dtype == DType::float32 ? 1 : 2;
  const int32_t padded = exporter.intermediate("padded", std::move(type));
  exporter.add("PAD", version, {exporter.input(0), borders}, {padded});
  return {padded, "VALID"};
}

}  // namespace mote
