// MEAN <-> Mean. Tested by mean_test.cc.
#include <set>

#include <fmt/format.h>

#include "base/error.h"
#include "ops/foreign.h"
#include "ops/mean/mean.h"
#include "ops/op_def.h"
#include "ops/tflite_version.h"

namespace mote {
namespace {

// A file may count axes from the end, in any order, and name one twice.
void import_node(Importer& importer) {
  const auto rank = static_cast<int64_t>(importer.input(0).type.shape.size());
  std::set<int32_t> axes;
  for (const int64_t axis : importer.constant_integers(1)) {
    if (axis < -rank || axis >= rank)
      throw Error(ErrorKind::invalid_input,
                  fmt::format("axis {} of {}", axis, to_string(importer.input(0).type.shape)));
    axes.insert(static_cast<int32_t>(axis < 0 ? axis + rank : axis));
  }
  if (axes.empty()) throw Error(ErrorKind::unsupported, "a mean over no axis");
  ops::Mean mean;
  mean.axes.assign(axes.begin(), axes.end());
  mean.keep_dims = importer.integer("keep_dims", 0) != 0;
  importer.add(mean, {importer.id(0)});
}

void export_node(const Op& op, Exporter& exporter) {
  const auto& mean = as<ops::Mean>(op);
  const int32_t axes =
      exporter.integers("axes", {static_cast<int32_t>(mean.axes.size())}, mean.axes);
  const int32_t version = tflite_type_version(exporter.output_type().dtype);
  ForeignNode& node = exporter.add("MEAN", version, {exporter.input(0), axes}, {exporter.output()});
  node.attributes = {{"keep_dims", int64_t{mean.keep_dims}}};
}

}  // namespace

Mapping mean_tflite() {
  return {{"MEAN"}, import_node, export_node};
}

}  // namespace mote
