// FULLY_CONNECTED <-> FullyConnected. Tested by fully_connected_test.cc.
#include <fmt/format.h>

#include "base/error.h"
#include "ops/foreign.h"
#include "ops/fully_connected/fully_connected.h"
#include "ops/op_def.h"
#include "ops/weighted_tflite.h"
#include "ops/window_tflite.h"

namespace mote {
namespace {

// The first version of TFLite that knows what the node needs.
int32_t version_of(const ops::FullyConnected& dense, Exporter& exporter) {
  const bool dynamic = tflite_dynamic(exporter);
  if (dynamic && exporter.input_type(1).quantization->per_channel()) return 12;
  if (tflite_narrow_bias(exporter)) return 11;
  if (tflite_int4_weights(exporter)) return 10;
  if (dynamic && dense.asymmetric_inputs) return 9;
  if (exporter.input_type(0).dtype == DType::int16) return 7;
  if (!exporter.has_input(2)) return 6;
  if (dense.keep_dims) return 5;
  if (dynamic) return 3;
  return exporter.input_type(0).dtype == DType::int8 ? 4 : 1;
}

void import_node(Importer& importer) {
  const std::string format = importer.text("weights_format", "DEFAULT");
  if (format != "DEFAULT")
    throw Error(ErrorKind::unsupported, fmt::format("the weights' format is {}", format));
  tflite_shape(importer, 1, 2);
  ops::FullyConnected dense;
  dense.keep_dims = importer.integer("keep_num_dims", 0) != 0;
  dense.activation = importer.activation();
  if (tflite_dynamic(importer))
    dense.asymmetric_inputs = importer.integer("asymmetric_quantize_inputs", 0) != 0;
  importer.add(dense, tflite_weighted_inputs(importer));
}

void export_node(const Op& op, Exporter& exporter) {
  const auto& dense = as<ops::FullyConnected>(op);
  ForeignNode& node =
      exporter.add("FULLY_CONNECTED", version_of(dense, exporter),
                   tflite_weighted_inputs(exporter, exporter.input(0)), {exporter.output()});
  node.attributes = {{"fused_activation_function", Exporter::activation_name(dense.activation)},
                     {"weights_format", std::string("DEFAULT")},
                     {"keep_num_dims", int64_t{dense.keep_dims}},
                     {"asymmetric_quantize_inputs", int64_t{dense.asymmetric_inputs}}};
  tflite_add_bias_type(exporter, node);
}

}  // namespace

Mapping fully_connected_tflite() {
  return {{"FULLY_CONNECTED"}, import_node, export_node};
}

}  // namespace mote
