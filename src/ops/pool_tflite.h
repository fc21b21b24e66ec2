// How TFLite describes AveragePool2D and MaxPool2D: alike but for the name. Tested by the
// operators' tests.
#pragma once

#include <string>

#include "base/error.h"
#include "ops/foreign.h"
#include "ops/op_def.h"
#include "ops/tflite_version.h"
#include "ops/window.h"
#include "ops/window_tflite.h"

namespace mote {

template <class Pool>
void import_pool(Importer& importer) {
  Pool pool;
  pool.window = tflite_size(importer, "filter_height", "filter_width");
  pool.stride = tflite_stride(importer);
  pool.padding =
      importer.padding(image_size(tflite_shape(importer, 0, 4)), pool.window, pool.stride, {1, 1});
  pool.activation = importer.activation();
  importer.add(pool, {importer.id(0)});
}

template <class Pool>
void export_pool(const std::string& name, const Pool& pool, Exporter& exporter) {
  const std::string padding = exporter.padding_name(
      pool.padding, image_size(exporter.input_type(0).shape), pool.window, pool.stride, {1, 1});
  // No PAD can stand before it: what it adds would count as elements of the image.
  if (padding.empty()) throw Error(ErrorKind::unsupported, "the padding is neither SAME nor VALID");
  const int32_t version = tflite_type_version(exporter.output_type().dtype);
  ForeignNode& node = exporter.add(name, version, {exporter.input(0)}, {exporter.output()});
  node.attributes = {{"padding", padding},
                     {"stride_w", pool.stride.width},
                     {"stride_h", pool.stride.height},
                     {"filter_width", pool.window.width},
                     {"filter_height", pool.window.height},
                     {"fused_activation_function", Exporter::activation_name(pool.activation)}};
}

}  // namespace mote
