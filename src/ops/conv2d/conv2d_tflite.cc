// CONV_2D <-> Conv2D. The number of groups follows from the shapes. Tested by conv2d_test.cc.
#include "ops/conv2d/conv2d.h"
#include "ops/foreign.h"
#include "ops/op_def.h"
#include "ops/weighted_tflite.h"
#include "ops/window.h"
#include "ops/window_tflite.h"

namespace mote {
namespace {

// The first version of TFLite that knows what the node needs.
int32_t version_of(const ops::Conv2D& conv, Exporter& exporter) {
  if (tflite_narrow_bias(exporter)) return 8;
  if (tflite_int4_weights(exporter)) return 7;
  if (conv.groups > 1) return 6;
  if (tflite_dynamic(exporter)) return exporter.input_type(1).quantization->per_channel() ? 5 : 2;
  const DType type = exporter.input_type(0).dtype;
  return type == DType::int16 ? 4 : (type == DType::int8 ? 3 : 1);
}

void import_node(Importer& importer) {
  const Shape& input = tflite_shape(importer, 0, 4);
  const Shape& weights = tflite_shape(importer, 1, 4);
  ops::Conv2D conv;
  conv.stride = tflite_stride(importer);
  conv.dilation = tflite_dilation(importer);
  conv.padding =
      importer.padding(image_size(input), {weights[1], weights[2]}, conv.stride, conv.dilation);
  conv.groups = input[3] / weights[3];
  conv.activation = importer.activation();
  importer.add(conv, tflite_weighted_inputs(importer));
  tflite_quantize_inputs(importer);
}

void export_node(const Op& op, Exporter& exporter) {
  const auto& conv = as<ops::Conv2D>(op);
  tflite_check_inputs(op, exporter);
  const Shape& weights = exporter.input_type(1).shape;
  const auto [input, padding] =
      tflite_padding(exporter, conv.padding, {weights[1], weights[2]}, conv.stride, conv.dilation);
  ForeignNode& node = exporter.add("CONV_2D", version_of(conv, exporter),
                                   tflite_weighted_inputs(exporter, input), {exporter.output()});
  node.attributes = {{"padding", padding},
                     {"stride_w", conv.stride.width},
                     {"stride_h", conv.stride.height},
                     {"fused_activation_function", Exporter::activation_name(conv.activation)},
                     {"dilation_w_factor", conv.dilation.width},
                     {"dilation_h_factor", conv.dilation.height}};
  tflite_add_bias_type(exporter, node);
}

}  // namespace

Mapping conv2d_tflite() {
  return {{"CONV_2D"}, import_node, export_node};
}

}  // namespace mote
