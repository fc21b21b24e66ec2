// Between a ForeignGraph and a Graph, operator by operator: the driver, and what the operators'
// _tflite.cc and _onnx.cc files see of it. One foreign node may become several of ours and the
// other way round. Tested by foreign_test.cc.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ir/foreign_node.h"
#include "ir/graph.h"
#include "ir/opaque_op.h"

namespace mote {

// Throws Error{unsupported} for operators that Mote does not have, Error{invalid_input} for models
// that contradict themselves; both name the node. The result passes verify(graph, Level::imported).
// `notes`, where given, gets those of the container and of the operators.
Graph import_graph(const ForeignGraph& foreign, Format format,
                   std::vector<std::string>* notes = nullptr);
struct ExportOptions {
  // Weights of at most 4 bits as INT4: half the file, for fewer runtimes. Elsewhere they are int8.
  bool int4_weights = false;
};
// Constants of float16 come with the DEQUANTIZE that TFLite's converter puts behind them.
ForeignGraph export_graph(const Graph& graph, Format format, const ExportOptions& options = {});

// What the values of a ForeignGraph have become, in the course of an import.
class ImportedValues {
 public:
  // Values of `foreign` become constant as they are folded, and its notes are added to.
  ImportedValues(ForeignGraph& foreign, Graph& graph);

  ValueId id(int32_t foreign);  // made on first use
  void replace(int32_t foreign, ValueId id);
  void fold(int32_t foreign, Bytes data);
  void note(std::string message);
  // `wanted`, or with a number where the file or what was made beside it has that name.
  std::string unused_name(const std::string& wanted);

  // A value whose type is that which the node that makes it infers.
  ValueId add_open(const std::string& name);
  // Gives the node's open outputs their types.
  void settle(const Node& node);

 private:
  ForeignGraph& foreign_;
  Graph& graph_;
  Names names_;               // of the file's values and of those made beside them
  std::vector<ValueId> ids_;  // by foreign value, kNoValue until made
  std::set<ValueId> open_;
};

// One foreign node, being imported.
class Importer {
 public:
  Importer(const ForeignGraph& foreign, const ForeignNode& node, Graph& graph,
           ImportedValues& values)
      : foreign(foreign), node(node), graph(graph), values_(values) {}

  const ForeignGraph& foreign;
  const ForeignNode& node;
  Graph& graph;

  // ---- reading ----
  size_t input_count() const { return node.inputs.size(); }
  bool has_input(size_t index) const;
  const ForeignValue& input(size_t index) const;  // throws where absent
  const ForeignValue& output(size_t index = 0) const;
  // As inferred, where the file does not say the input's type.
  const TensorType& input_type(size_t index);
  // The whole numbers of a constant int32 or int64 input (a shape, paddings); throws where it is
  // not constant.
  std::vector<int64_t> constant_integers(size_t index) const;
  // Whether there are such, of a constant or of what has been folded, and as few as shapes have: to
  // compute with more would be the device's work, and a small file could ask for any amount of it.
  bool has_constant_integers(size_t index) const;
  // Attributes, with what the format says where they are absent. Throws on another type.
  int64_t integer(std::string_view name, int64_t otherwise) const;
  double real(std::string_view name, double otherwise) const;
  std::string text(std::string_view name, std::string_view otherwise) const;
  Activation activation() const;  // of `fused_activation_function`; throws on TANH and SIGN_BIT
  // Explicit padding from the attribute `padding` ("SAME", "VALID") and the geometry.
  Padding padding(Size2D input, Size2D window, Size2D stride, Size2D dilation) const;
  // Tells the user of something that the file says and nobody goes by.
  void note(const std::string& message);

  // ---- writing ----
  // Our id of a foreign input: made on first use. kNoValue where absent.
  ValueId id(size_t index);
  // A constant input under another type of as many bytes: as `id` where it is the file's own.
  ValueId retyped(size_t index, TensorType type);
  // A value between the nodes that one foreign node becomes; its type is inferred where none is
  // given.
  ValueId intermediate(const std::string& suffix);
  ValueId intermediate(const std::string& suffix, TensorType type);
  ValueId constant(const std::string& suffix, TensorType type, Bytes data);
  // The foreign node's output is its input: a conversion that disappears.
  void alias();
  // The foreign node's output is these whole numbers, computed here: nodes that follow see a
  // constant. Throws where the output is of another type or another size.
  void fold(const std::vector<int64_t>& integers);
  // Adds a node that makes the foreign node's outputs (or `outputs`, where given).
  template <class Attributes>
  void add(Attributes op, std::vector<ValueId> inputs);
  template <class Attributes>
  void add(Attributes op, std::vector<ValueId> inputs, std::vector<ValueId> outputs);

 private:
  ImportedValues& values_;
};

// What the export of one graph knows, from node to node.
struct Export {
  const Graph& graph;
  ForeignGraph foreign = {};
  const ExportOptions options = {};
  std::map<ValueId, int32_t> widened = {};  // the float32 values of float16 constants, once made
  Names names = {};
  std::vector<int32_t> readers = {};  // by value of ours: how often nodes read it
};

// One of our nodes, being exported.
class Exporter {
 public:
  Exporter(Export& to, const Node& node)
      : graph(to.graph), node(node), foreign(to.foreign), options(to.options), export_(to) {}

  const Graph& graph;
  const Node& node;
  ForeignGraph& foreign;
  const ExportOptions& options;

  TensorType input_type(size_t index) const;  // as operators see it: float32 for float16
  const TensorType& output_type(size_t index = 0) const;
  bool has_input(size_t index) const;
  int32_t readers(size_t index) const;  // how often nodes of the graph read that input

  // Indices into foreign.values; ours map to those of the same number, but a constant of float16
  // to the float32 value that a DEQUANTIZE, added on first use, makes of it.
  int32_t input(size_t index);  // -1 where absent
  int32_t output(size_t index = 0) const;
  int32_t intermediate(const std::string& suffix, TensorType type);
  // An int32 vector constant (a shape, paddings).
  int32_t integers(const std::string& suffix, Shape shape, const std::vector<int32_t>& data);

  // Adds a foreign node; it gets our node's origin as its name. `version` is TFLite's operator
  // version.
  ForeignNode& add(std::string type, int32_t version, std::vector<int32_t> inputs,
                   std::vector<int32_t> outputs);
  // "SAME" or "VALID" where the padding is one of the two, else nothing.
  std::string padding_name(const Padding& padding, Size2D input, Size2D window, Size2D stride,
                           Size2D dilation) const;
  // "NONE", "RELU", ...
  static std::string activation_name(Activation activation);

 private:
  Export& export_;
};

}  // namespace mote
