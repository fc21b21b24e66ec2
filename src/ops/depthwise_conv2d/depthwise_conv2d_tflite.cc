// DEPTHWISE_CONV_2D <-> DepthwiseConv2D. The multiplier follows from the shapes. Tested by
// depthwise_conv2d_test.cc.
#include "ops/depthwise_conv2d/depthwise_conv2d.h"
#include "ops/foreign.h"
#include "ops/op_def.h"
#include "ops/weighted_tflite.h"
#include "ops/window.h"
#include "ops/window_tflite.h"

namespace mote {
namespace {

// The first version of TFLite that knows what the node needs.
int32_t version_of(const ops::DepthwiseConv2D& conv, Exporter& exporter) {
  if (tflite_int4_weights(exporter)) return 7;
  if (tflite_dynamic(exporter)) return exporter.input_type(1).quantization->per_channel() ? 6 : 4;
  const DType type = exporter.input_type(0).dtype;
  if (type == DType::int16) return 5;
  if (type == DType::int8) return 3;
  return conv.dilation != Size2D{} ? 2 : 1;
}

void import_node(Importer& importer) {
  const Shape& input = tflite_shape(importer, 0, 4);
  const Shape& weights = tflite_shape(importer, 1, 4);
  ops::DepthwiseConv2D conv;
  conv.stride = tflite_stride(importer);
  conv.dilation = tflite_dilation(importer);
  conv.padding =
      importer.padding(image_size(input), {weights[1], weights[2]}, conv.stride, conv.dilation);
  conv.activation = importer.activation();
  importer.add(conv, tflite_weighted_inputs(importer));
  tflite_quantize_inputs(importer);
}

void export_node(const Op& op, Exporter& exporter) {
  const auto& conv = as<ops::DepthwiseConv2D>(op);
  tflite_check_inputs(op, exporter);
  const Shape& weights = exporter.input_type(1).shape;
  const auto [input, padding] =
      tflite_padding(exporter, conv.padding, {weights[1], weights[2]}, conv.stride, conv.dilation);
  const int32_t version = version_of(conv, exporter);
  const int32_t multiplier = weights[3] / exporter.input_type(0).shape[3];
  ForeignNode& node = exporter.add("DEPTHWISE_CONV_2D", version,
                                   tflite_weighted_inputs(exporter, input), {exporter.output()});
  node.attributes = {{"padding", padding},
                     {"stride_w", conv.stride.width},
                     {"stride_h", conv.stride.height},
                     {"depth_multiplier", multiplier},
                     {"fused_activation_function", Exporter::activation_name(conv.activation)},
                     {"dilation_w_factor", conv.dilation.width},
                     {"dilation_h_factor", conv.dilation.height}};
}

}  // namespace

Mapping depthwise_conv2d_tflite() {
  return {{"DEPTHWISE_CONV_2D"}, import_node, export_node};
}

}  // namespace mote
