// STRIDED_SLICE -> StridedSlice, Reshape -> STRIDED_SLICE, RESHAPE. Tested by
// strided_slice_test.cc.
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "ops/foreign.h"
#include "ops/op_def.h"
#include "ops/reshape/reshape.h"
#include "ops/strided_slice/strided_slice.h"

namespace mote {
namespace {

// The operands begin, end and strides, and the masks, a bit for each entry. An entry is one
// dimension of the input, except for a new one, and for the ellipsis, which stands for all that are
// left.
struct Entries {
  std::vector<int64_t> begin, end, stride;
  int64_t begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask;
  bool offset;  // `end` counts from `begin`

  static bool has(int64_t mask, size_t entry) { return (mask >> entry & 1) != 0; }
  // The ellipsis goes before new dimensions, they before shrunk ones.
  bool is_ellipsis(size_t entry) const { return has(ellipsis_mask, entry); }
  bool is_new(size_t entry) const { return !is_ellipsis(entry) && has(new_axis_mask, entry); }
  bool is_shrunk(size_t entry) const { return has(shrink_axis_mask, entry); }
};

std::vector<int64_t> read_indices(const Importer& importer, size_t operand) {
  std::vector<int64_t> indices = importer.constant_integers(operand);
  for (const int64_t index : indices)
    if (index != static_cast<int32_t>(index))
      throw Error(ErrorKind::invalid_input, fmt::format("index {} leaves 32 bits", index));
  return indices;
}

Entries read_entries(const Importer& importer) {
  Entries entries{read_indices(importer, 1),
                  read_indices(importer, 2),
                  read_indices(importer, 3),
                  importer.integer("begin_mask", 0),
                  importer.integer("end_mask", 0),
                  importer.integer("ellipsis_mask", 0),
                  importer.integer("new_axis_mask", 0),
                  importer.integer("shrink_axis_mask", 0),
                  importer.integer("offset", 0) != 0};
  const size_t count = entries.begin.size();
  if (count > 31 || entries.end.size() != count || entries.stride.size() != count)
    throw Error(ErrorKind::invalid_input, fmt::format("{} begins, {} ends and {} strides", count,
                                                      entries.end.size(), entries.stride.size()));
  return entries;
}

// What an entry takes of a dimension.
struct Taken {
  int64_t begin, size, stride;
};

// Indices may count from the end, and those of ranges may lie beyond either end.
Taken take(const Entries& entries, size_t entry, int64_t dimension) {
  const int64_t stride = entries.stride[entry];
  const auto from_front = [&](int64_t index) { return index < 0 ? index + dimension : index; };
  const auto masked = [&](int64_t mask) { return Entries::has(mask, entry); };
  if (entries.is_shrunk(entry)) {
    const int64_t index = masked(entries.begin_mask) ? 0 : from_front(entries.begin[entry]);
    if (stride > 0 && index >= 0 && index < dimension) return {index, 1, 1};
  } else if (stride != 0) {
    const int64_t least = stride > 0 ? 0 : -1, most = least + dimension;
    const int64_t first = stride > 0 ? least : most, beyond = stride > 0 ? most : least;
    const auto limited = [&](int64_t index) {
      return std::min(std::max(from_front(index), least), most);
    };
    const int64_t begin = masked(entries.begin_mask) ? first : limited(entries.begin[entry]);
    const int64_t given = entries.end[entry] + (entries.offset ? begin : 0);
    const int64_t end = masked(entries.end_mask) ? beyond : limited(given);
    const int64_t size = (end - begin + stride - (stride > 0 ? 1 : -1)) / stride;
    if (size > 0) return {begin, size, stride};
  }
  throw Error(ErrorKind::invalid_input,
              fmt::format("entry {} ({} to {} in steps of {}) takes nothing of a dimension of {}",
                          entry, entries.begin[entry], entries.end[entry], stride, dimension));
}

// The attributes, the shape of the slice, and the shape that the masks make of it.
struct Resolved {
  ops::StridedSlice slice;
  Shape sliced;
  Shape shape;

  void add(const Taken& taken, int32_t dimension) {
    const bool whole = taken.begin == 0 && taken.stride == 1 && taken.size == dimension;
    slice.begin.push_back(static_cast<int32_t>(taken.begin));
    slice.size.push_back(whole ? -1 : static_cast<int32_t>(taken.size));
    slice.stride.push_back(static_cast<int32_t>(taken.stride));
    sliced.push_back(static_cast<int32_t>(taken.size));
  }
};

// Of the dimensions of the input, how many have an entry of their own; throws where they are more
// than there are.
size_t own_entries(const Entries& entries, const Shape& input) {
  size_t own = 0, ellipses = 0;
  for (size_t i = 0; i < entries.begin.size(); i++) {
    if (entries.is_ellipsis(i)) ellipses++;
    if (!entries.is_ellipsis(i) && !entries.is_new(i)) own++;
  }
  if (own > input.size() || ellipses > 1)
    throw Error(ErrorKind::invalid_input, fmt::format("{} entries and {} ellipses for shape {}",
                                                      own, ellipses, to_string(input)));
  return own;
}

Resolved resolve(const Entries& entries, const Shape& input) {
  Resolved result;
  const auto axis = [&] { return result.sliced.size(); };
  const auto add_whole = [&](size_t until) {
    while (axis() < until) {
      const int32_t dimension = input[axis()];
      result.add({0, dimension, 1}, dimension);
      result.shape.push_back(dimension);
    }
  };
  size_t own = own_entries(entries, input);
  for (size_t i = 0; i < entries.begin.size(); i++) {
    if (entries.is_ellipsis(i)) {
      add_whole(input.size() - own);
    } else if (entries.is_new(i)) {
      result.shape.push_back(1);
    } else {
      const int32_t dimension = input[axis()];
      result.add(take(entries, i, dimension), dimension);
      if (!entries.is_shrunk(i)) result.shape.push_back(result.sliced.back());
      own--;
    }
  }
  add_whole(input.size());
  return result;
}

// Of numbers that are known at import.
std::vector<int64_t> sliced(const std::vector<int64_t>& input, const Shape& shape,
                            const Resolved& resolved) {
  std::vector<int64_t> result;
  const int64_t count = element_count(resolved.sliced);
  for (int64_t i = 0; i < count; i++) {
    int64_t rest = i, at = 0, stride = 1;
    for (size_t d = shape.size(); d-- > 0;) {
      const int64_t position = rest % resolved.sliced[d];
      at += (resolved.slice.begin[d] + position * resolved.slice.stride[d]) * stride;
      rest /= resolved.sliced[d];
      stride *= shape[d];
    }
    result.push_back(input.at(static_cast<size_t>(at)));
  }
  return result;
}

void import_node(Importer& importer) {
  const TensorType& input = importer.input(0).type;
  const Resolved resolved = resolve(read_entries(importer), input.shape);
  if (importer.has_constant_integers(0))
    return importer.fold(sliced(importer.constant_integers(0), input.shape, resolved));
  if (resolved.shape == resolved.sliced) {
    importer.add(resolved.slice, {importer.id(0)});
    return;
  }
  const ValueId slice =
      importer.intermediate("slice", {input.dtype, resolved.sliced, input.quantization});
  importer.add(resolved.slice, {importer.id(0)}, {slice});
  importer.add(ops::Reshape{resolved.shape}, {slice});
}

void export_node(const Op& op, Exporter& exporter) {
  const auto& slice = as<ops::StridedSlice>(op);
  const TensorType& output = exporter.output_type();
  const size_t rank = slice.begin.size();
  std::vector<int32_t> end;
  int64_t end_mask = 0;
  for (size_t d = 0; d < rank; d++) {
    const int32_t last = slice.begin[d] + (output.shape[d] - 1) * slice.stride[d];
    end.push_back(slice.stride[d] > 0 ? last + 1 : last - 1);
    if (end.back() < 0) end_mask |= int64_t{1} << d;  // -1 would be the last index
  }
  const auto operand = [&](const std::string& name, const std::vector<int32_t>& data) {
    return exporter.integers(name, {static_cast<int32_t>(rank)}, data);
  };
  const std::vector<int32_t> inputs = {exporter.input(0), operand("begin", slice.begin),
                                       operand("end", end), operand("strides", slice.stride)};
  const int32_t version = output.dtype == DType::float32 ? 1 : 2;
  ForeignNode& node = exporter.add("STRIDED_SLICE", version, inputs, {exporter.output()});
  node.attributes = {{"end_mask", end_mask}};
}

}  // namespace

Mapping strided_slice_tflite() {
  return {{"STRIDED_SLICE"}, import_node, export_node};
}

}  // namespace mote
