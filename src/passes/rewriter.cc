#include "passes/rewriter.h"

#include <algorithm>
#include <utility>

namespace mote::passes {

Rewriter::Rewriter(Graph& graph)
    : graph(graph),
      makers_(graph.values.size(), -1),
      readers_(graph.values.size()),
      reads_(graph.values.size()),
      is_output_(graph.values.size()),
      removed_(graph.nodes.size()),
      inserted_(graph.nodes.size()) {
  for (const ValueId id : graph.outputs) is_output_[static_cast<size_t>(id)] = true;
  for (int32_t index = 0; index < node_count(); index++) enter(index);
}

void Rewriter::enter(int32_t index) {
  for (const ValueId id : node(index).outputs) makers_[static_cast<size_t>(id)] = index;
  for (const ValueId id : node(index).inputs) {
    if (id == kNoValue) continue;
    readers_[static_cast<size_t>(id)].push_back(index);
    reads_[static_cast<size_t>(id)]++;
  }
}

void Rewriter::leave(int32_t index) {
  for (const ValueId id : node(index).outputs)
    if (maker(id) == index) makers_[static_cast<size_t>(id)] = -1;
  for (const ValueId id : node(index).inputs)
    if (id != kNoValue) reads_[static_cast<size_t>(id)]--;
}

std::vector<int32_t> Rewriter::readers(ValueId id) {
  std::vector<int32_t>& all = readers_[static_cast<size_t>(id)];
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  std::erase_if(all, [&](int32_t index) {
    return removed(index) || std::ranges::find(node(index).inputs, id) == node(index).inputs.end();
  });
  return all;
}

void Rewriter::set_input(int32_t index, size_t position, ValueId id) {
  std::vector<ValueId>& inputs = graph.nodes[static_cast<size_t>(index)].inputs;
  if (inputs.size() <= position) inputs.resize(position + 1, kNoValue);
  const ValueId before = std::exchange(inputs[position], id);
  if (before != kNoValue) reads_[static_cast<size_t>(before)]--;
  if (id != kNoValue) {
    reads_[static_cast<size_t>(id)]++;
    readers_[static_cast<size_t>(id)].push_back(index);
  }
  changed_ = true;
}

void Rewriter::set_outputs(int32_t index, std::vector<ValueId> outputs) {
  Node& changed = graph.nodes[static_cast<size_t>(index)];
  for (const ValueId id : changed.outputs)
    if (maker(id) == index) makers_[static_cast<size_t>(id)] = -1;
  changed.outputs = std::move(outputs);
  for (const ValueId id : changed.outputs) makers_[static_cast<size_t>(id)] = index;
  changed_ = true;
}

void Rewriter::replace_uses(ValueId from, ValueId to) {
  for (const int32_t index : readers(from)) {
    const std::vector<ValueId>& inputs = node(index).inputs;
    for (size_t position = 0; position < inputs.size(); position++)
      if (inputs[position] == from) set_input(index, position, to);
  }
  if (!is_output(from)) return;
  std::ranges::replace(graph.outputs, from, to);
  is_output_[static_cast<size_t>(from)] = false;
  is_output_[static_cast<size_t>(to)] = true;
  changed_ = true;
}

void Rewriter::remove(int32_t index) {
  leave(index);
  removed_[static_cast<size_t>(index)] = true;
  changed_ = true;
}

void Rewriter::replace(int32_t index, Node node) {
  leave(index);
  graph.nodes[static_cast<size_t>(index)] = std::move(node);
  enter(index);
  changed_ = true;
}

int32_t Rewriter::insert_before(int32_t index, Node node) {
  const int32_t inserted = node_count();
  graph.nodes.push_back(std::move(node));
  removed_.push_back(false);
  inserted_.push_back(true);
  before_[index].push_back(inserted);
  enter(inserted);
  changed_ = true;
  return inserted;
}

ValueId Rewriter::known(ValueId added) {
  makers_.push_back(-1);
  readers_.emplace_back();
  reads_.push_back(0);
  is_output_.push_back(false);
  return added;
}

ValueId Rewriter::add_value(const std::string& name, TensorType type) {
  return known(mote::add_value(graph, name, std::move(type)));
}

ValueId Rewriter::add_constant(const std::string& name, TensorType type, Bytes data) {
  return known(mote::add_constant(graph, name, std::move(type), std::move(data)));
}

bool Rewriter::finish() {
  std::vector<Node> ordered;
  const auto add = [&](int32_t index) {
    if (!removed(index)) ordered.push_back(std::move(graph.nodes[static_cast<size_t>(index)]));
  };
  for (int32_t index = 0; index < node_count(); index++) {
    if (inserted_[static_cast<size_t>(index)]) break;  // those at the end
    if (const auto those = before_.find(index); those != before_.end())
      for (const int32_t inserted : those->second) add(inserted);
    add(index);
  }
  graph.nodes = std::move(ordered);
  return changed_;
}

}  // namespace mote::passes
