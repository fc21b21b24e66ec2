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
Graph import_graph(const ForeignGraph& foreign, Format format);
struct ExportOptions {
  // Weights of at most 4 bits as INT4: half the file, for fewer runtimes. Elsewhere they are int8.
  bool int4_weights = false;
};
// Constants of float16 come with the DEQUANTIZE that TFLite's converter puts behind them.
ForeignGraph export_graph(const Graph& graph, Format format, const ExportOptions& options = {});

// Which values of the Graph those of the ForeignGraph have become, in the course of an import.
class ImportedValues {
 public:
  ImportedValues(const ForeignGraph& foreign, Graph& graph);

  ValueId id(int32_t foreign);  // made on first use
  void replace(int32_t foreign, ValueId id);

  // A value whose type is that which the node that makes it infers.
  ValueId add_open(const std::string& name);
  // Gives the node's open outputs their types.
  void settle(const Node& node);

 private:
  const ForeignGraph& foreign_;
  Graph& graph_;
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
  // Attributes, with what the format says where they are absent. Throws on another type.
  int64_t integer(std::string_view name, int64_t otherwise) const;
  double real(std::string_view name, double otherwise) const;
  std::string text(std::string_view name, std::string_view otherwise) const;
  Activation activation() const;  // of `fused_activation_function`; throws on TANH and SIGN_BIT
  // Explicit padding from the attribute `padding` ("SAME", "VALID") and the geometry.
  Padding padding(Size2D input, Size2D window, Size2D stride, Size2D dilation) const;

  // ---- writing ----
  // Our id of a foreign input: made on first use. kNoValue where absent.
  ValueId id(size_t index);
  // A value between the nodes that one foreign node becomes; its type is inferred where none is
  // given.
  ValueId intermediate(const std::string& suffix);
  ValueId intermediate(const std::string& suffix, TensorType type);
  ValueId constant(const std::string& suffix, TensorType type, Bytes data);
  // The foreign node's output is its input: a conversion that disappears.
  void alias();
  // Adds a node that makes the foreign node's outputs (or `outputs`, where given).
  template <class Attributes>
  void add(Attributes op, std::vector<ValueId> inputs);
  template <class Attributes>
  void add(Attributes op, std::vector<ValueId> inputs, std::vector<ValueId> outputs);

 private:
  ImportedValues& values_;
};

// One of our nodes, being exported.
class Exporter {
 public:
  Exporter(const Graph& graph, const Node& node, ForeignGraph& foreign,
           std::map<ValueId, int32_t>& halves, const ExportOptions& options)
      : graph(graph), node(node), foreign(foreign), options(options), halves_(halves) {}

  const Graph& graph;
  const Node& node;
  ForeignGraph& foreign;
  const ExportOptions options;

  TensorType input_type(size_t index) const;  // as operators see it: float32 for float16
  const TensorType& output_type(size_t index = 0) const;
  bool has_input(size_t index) const;

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
  std::map<ValueId, int32_t>& halves_;  // of the whole export: what was widened already
};

}  // namespace mote
