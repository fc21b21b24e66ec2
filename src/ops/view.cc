#include "ops/view.h"

namespace mote {

Operand viewed(Operand operand, Shape shape) {
  const Rows rows = rows_of(shape);
  operand.row_stride_bytes = static_cast<int32_t>(rows.row_elements * size_of(operand.type.dtype));
  operand.image_rows = rows.rows;
  operand.type.shape = std::move(shape);
  return operand;
}

Shape joined(const Shape& shape, const std::vector<size_t>& counts) {
  Shape result;
  auto next = shape.begin();
  for (const size_t count : counts) {
    const auto end = next + static_cast<std::ptrdiff_t>(count);
    result.push_back(static_cast<int32_t>(element_count(Shape(next, end))));
    next = end;
  }
  return result;
}

}  // namespace mote
