// CONV_2D <-> Conv2D. The number of groups follows from the shapes. Tested by conv2d_test.cc.
#include "ops/op_def.h"
#include "ops/weighted_tflite.h"
#include "ops/window.h"
#include "ops/window_tflite.h"

namespace mote {

template <>
void import_tflite<ops::Conv2D>(Importer& importer) {
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
}

template <>
void export_tflite<ops::Conv2D>(const Op& op, Exporter& exporter) {
  const auto& conv = as<ops::Conv2D>(op);
  const Shape& weights = exporter.input_type(1).shape;
  const auto [input, padding] =
      tflite_padding(exporter, conv.padding, {weights[1], weights[2]}, conv.stride, conv.dilation);
  const bool quantized = exporter.input_type(0).dtype == DType::int8;
  const int32_t version = conv.groups > 1 ? 6 : (quantized ? 3 : 1);
  ForeignNode& node = exporter.add("CONV_2D", version, tflite_weighted_inputs(exporter, input),
                                   {exporter.output()});
  node.attributes = {{"padding", padding},
                     {"stride_w", conv.stride.width},
                     {"stride_h", conv.stride.height},
                     {"fused_activation_function", Exporter::activation_name(conv.activation)},
                     {"dilation_w_factor", conv.dilation.width},
                     {"dilation_h_factor", conv.dilation.height}};
}

}  // namespace mote
