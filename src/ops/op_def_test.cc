// What holds of every operator's definition.
#include "ops/op_def.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <utility>

#include "base/error.h"
#include "ir/node.h"
#include "ops/kernel.h"

namespace mote {
namespace {

TEST(OpDef, TheTableIsInTheOrderOfTheVariant) {
  const auto defs = op_defs();
  ASSERT_EQ(defs.size() + 1, std::variant_size_v<AnyAttributes>);
#define MOTE_OP(Name, folder) EXPECT_EQ(op_def(Op(ops::Name{})).name, #Name);
#include "ops/ops.inc"
#undef MOTE_OP
  EXPECT_THROW(op_def(Op(std::monostate{})), Error);
}

TEST(OpDef, EachIsComplete) {
  for (const OpDef* def : op_defs()) {
    EXPECT_TRUE(def->infer && def->cost && def->channels && def->quantization && def->lower)
        << def->name;
    EXPECT_GE(def->min_inputs, 1) << def->name;
    EXPECT_LE(def->min_inputs, def->max_inputs) << def->name;
    for (int32_t input : def->trainable_inputs) EXPECT_LT(input, def->max_inputs) << def->name;
    for (int32_t input : def->in_place_inputs) EXPECT_LT(input, def->max_inputs) << def->name;
    for (const auto& [format, mapping] : def->mappings)
      EXPECT_TRUE(!mapping.names.empty() && mapping.import_node && mapping.export_node)
          << def->name;
  }
}

TEST(OpDef, NoTwoTakeTheSameOperatorOfAFormat) {
  std::set<std::pair<Format, std::string_view>> names;
  for (const OpDef* def : op_defs())
    for (const auto& [format, mapping] : def->mappings)
      for (const std::string_view name : mapping.names)
        EXPECT_TRUE(names.emplace(format, name).second) << name;
}

TEST(OpDef, RulesCoverTheInputsInEveryScheme) {
  for (const SchemeInfo& info : schemes()) {
    SCOPED_TRACE(info.name);
#define MOTE_OP(Name, folder)                                                           \
  {                                                                                     \
    const OpDef& def = op_def(ops::Name{});                                             \
    const QuantizationRule rule = def.quantization(Op(ops::Name{}), info.scheme);       \
    EXPECT_EQ(static_cast<int32_t>(rule.inputs.size()), def.max_inputs) << def.name;    \
    EXPECT_TRUE(rule.stays_float || def.check_quantized) << def.name;                   \
    if (rule.output(0).kind == OutputRule::Kind::fixed && info.integer_activations()) { \
      EXPECT_EQ(rule.output(0).fixed.bits, 8 * size_of(info.activations)) << def.name;  \
    }                                                                                   \
  }
#include "ops/ops.inc"
#undef MOTE_OP
  }
}

// Kernels may share a function (ops/tiled), which then takes the same parameters for all of them.
TEST(Kernels, EachHasAReferenceAndItsOwnFunctions) {
  std::set<std::pair<std::string_view, std::string_view>> variants, functions;
  std::map<std::string_view, const ParamsType*> params;
  for (const Kernel& kernel : kernels()) {
    EXPECT_NO_THROW(find_kernel(kernel.name, "reference")) << kernel.name;
    EXPECT_TRUE(variants.emplace(kernel.name, kernel.variant).second) << kernel.name;
    EXPECT_TRUE(functions.emplace(kernel.name, kernel.function).second) << kernel.function;
    EXPECT_EQ(params.emplace(kernel.function, kernel.params).first->second, kernel.params);
    EXPECT_TRUE(kernel.run) << kernel.name;
  }
  EXPECT_THROW(find_kernel("conv2d_s8", "imaginary"), Error);
}

TEST(Kernels, ParametersLieWithinTheirStruct) {
  for (const Kernel& kernel : kernels()) {
    size_t end = 0;
    for (const ParamsField& field : kernel.params->fields) {
      EXPECT_EQ(field.offset_bytes, end) << kernel.params->name << "." << field.name;
      end = field.offset_bytes + 4;
    }
    EXPECT_EQ(end, kernel.params->size_bytes) << kernel.params->name;
  }
}

}  // namespace
}  // namespace mote
