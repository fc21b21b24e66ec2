// SOFTMAX <-> Softmax. Tested by softmax_test.cc.
#include <fmt/format.h>

#include "base/error.h"
#include "ops/foreign.h"
#include "ops/op_def.h"
#include "ops/softmax/softmax.h"
#include "ops/tflite_version.h"

namespace mote {
namespace {

void import_node(Importer& importer) {
  const DType input = importer.input(0).type.dtype, output = importer.output().type.dtype;
  const bool int16_output = input == DType::int8 && output == DType::int16;
  if (input != output && !int16_output)
    throw Error(ErrorKind::unsupported, fmt::format("{} of {}", name_of(output), name_of(input)));
  const auto beta = static_cast<float>(importer.real("beta", 0.0));
  importer.add(ops::Softmax{beta, int16_output}, {importer.id(0)});
}

void export_node(const Op& op, Exporter& exporter) {
  const int32_t version = tflite_type_version(exporter.output_type().dtype);
  ForeignNode& node = exporter.add("SOFTMAX", version, {exporter.input(0)}, {exporter.output()});
  node.attributes = {{"beta", static_cast<double>(as<ops::Softmax>(op).beta)}};
}

}  // namespace

Mapping softmax_tflite() {
  return {{"SOFTMAX"}, import_node, export_node};
}

}  // namespace mote
