// What an operator's `lower` sees and fills: one node of the graph in, kernel calls and constants
// out. deploy/lower joins them to a Program, picks variants, and plans the memory.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "ir/graph.h"
#include "ir/program.h"
#include "runtime/arithmetic/requantize.h"

namespace mote {

// Which values are the same bytes, as far as the nodes before have been lowered. Values are those
// of the graph and, with the ids that follow, the intermediates between the calls of one node.
struct Homes {
  std::vector<ValueId> root;  // by value: the value whose bytes it is, usually itself
  std::vector<bool> pinned;   // by value: its bytes must lie where the caller or the flash has them
  std::vector<Value> intermediates;
};
Homes initial_homes(const Graph& graph);

class Lowering {
 public:
  Lowering(const Graph& graph, const Node& node, mote_rounding rounding, Homes& homes);

  const Graph& graph;
  const Node& node;
  const mote_rounding rounding;

  // ---- what is there ----
  size_t input_count() const;
  bool has_input(size_t index) const;
  // Its type, and its data where constant or a view of a constant: widened(), so never float16.
  const Value& input_value(size_t index) const;
  const TensorType& input_type(size_t index) const;
  const TensorType& output_type(size_t index = 0) const;

  // ---- operands ----
  // An activation. Until memory is planned its space is `arena` and its index the ValueId; a
  // constant input of the graph becomes a constant operand.
  Operand input(size_t index);
  Operand output(size_t index = 0);
  // What one call of this node writes and a later one reads; `suffix` becomes part of its name.
  Operand intermediate(const std::string& suffix, TensorType type);
  // The input as the kernel's `weights` operand, in a storage that needs no decoding; its type is
  // the graph's. `channel_axis` is the dimension that counts output channels. The kernel reads them
  // by runtime/weights.h.
  Operand weights(size_t index, int32_t channel_axis);
  // A constant that belongs to this node; `suffix` ("bias", "multiplier") becomes part of its name.
  Operand constant(const std::string& suffix, TensorType type, Bytes data);
  // The constant input as it is; an absent one gives an operand of space `none`.
  Operand constant_input(size_t index, const std::string& suffix);

  // ---- results ----
  // Adds a call over all rows of its result, which is the last of `operands`: a node of several
  // outputs has a call for each. Scratch, where asked for, comes behind it.
  template <class ParamsStruct>
  void call(std::string kernel, const ParamsStruct& params, std::vector<Operand> operands,
            int32_t scratch_bytes = 0);
  // The output is the input's bytes: no call, but a copy where both must lie in different places.
  void alias(size_t output, size_t input);
  // To be thrown where no kernel takes the node's types.
  Error no_kernel() const;

  std::vector<Call> calls;
  std::vector<int32_t> call_rows;   // of the result of each call
  std::vector<Constant> constants;  // Operand::index counts from the node's first constant

 private:
  Homes& homes_;
  // The inputs that are not their own data: constants of float16, widened; views of constants.
  std::map<ValueId, Value> resolved_;

  void add_call(std::string kernel, Params params, std::vector<Operand> operands,
                int32_t scratch_bytes);
};

// A kernel's operands by their places, which the kernel's header enumerates.
std::vector<Operand> in_places(std::initializer_list<std::pair<int, Operand>> operands);
// Those of a kernel of one activation: input 0 and the output.
std::vector<Operand> unary_operands(Lowering& lowering);

// A constant as a kernel's operand `weights`; it points into the constant's data, which kernels
// read as they are. Of constants in any storage: deploy/storage.
mote_weights plain_weights(const Constant& constant);

// How kernels see a tensor: images of rows. [N, H, W, C] has N images of H rows of W * C elements;
// [N, C] and [C] have N (or 1) images of one row of C elements.
struct Rows {
  int32_t images;
  int32_t rows;
  int32_t row_elements;
};
Rows rows_of(const Shape& shape);
// The same with row_elements split: [N, C] is {N, 1, 1, C}, [N, H, C] is {N, H, 1, C}, [C] {1, 1,
// 1, C}. Of a rank above 4 all inner dimensions but the last are the width.
struct Extent {
  int32_t images;
  int32_t height;
  int32_t width;
  int32_t channels;
};
Extent extent_of(const Shape& shape);

}  // namespace mote

#include "ops/kernel.h"

namespace mote {

template <class ParamsStruct>
void Lowering::call(std::string kernel, const ParamsStruct& params, std::vector<Operand> operands,
                    int32_t scratch_bytes) {
  add_call(std::move(kernel), make_params(params), std::move(operands), scratch_bytes);
}

}  // namespace mote
