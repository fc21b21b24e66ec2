#include "ops/shape_arithmetic.h"

#include <fmt/format.h>

#include "base/error.h"

namespace mote {
namespace {

void import_shape(Importer& importer) {
  const Shape& shape = importer.input(0).type.shape;
  importer.fold({shape.begin(), shape.end()});
}

// One number each, or vectors that come to lie one behind the other.
void import_pack(Importer& importer) {
  if (importer.integer("axis", 0) != 0)
    throw Error(ErrorKind::unsupported, "packs along another dimension than the first");
  std::vector<int64_t> packed;
  for (size_t i = 0; i < importer.input_count(); i++) {
    if (!importer.has_constant_integers(i))
      throw Error(ErrorKind::unsupported,
                  fmt::format("packs '{}', which is not known at import", importer.input(i).name));
    const std::vector<int64_t> integers = importer.constant_integers(i);
    packed.insert(packed.end(), integers.begin(), integers.end());
  }
  importer.fold(packed);
}

constexpr ShapeOperator kShapeOperators[] = {
    {"PACK", import_pack},
    {"SHAPE", import_shape},
};

}  // namespace

std::span<const ShapeOperator> shape_operators() {
  return kShapeOperators;
}

}  // namespace mote
