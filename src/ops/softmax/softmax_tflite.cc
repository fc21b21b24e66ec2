// SOFTMAX <-> Softmax. Tested by softmax_test.cc.
#include "ops/op_def.h"
#include "ops/tflite_version.h"

namespace mote {

template <>
void import_tflite<ops::Softmax>(Importer& importer) {
  if (importer.input(0).type.dtype != importer.output().type.dtype)
    throw Error(ErrorKind::unsupported, "the output's element type is not the input's");
  importer.add(ops::Softmax{static_cast<float>(importer.real("beta", 0.0))}, {importer.id(0)});
}

template <>
void export_tflite<ops::Softmax>(const Op& op, Exporter& exporter) {
  const int32_t version = tflite_type_version(exporter.output_type().dtype);
  ForeignNode& node = exporter.add("SOFTMAX", version, {exporter.input(0)}, {exporter.output()});
  node.attributes = {{"beta", static_cast<double>(as<ops::Softmax>(op).beta)}};
}

}  // namespace mote
