#include "evaluate/json.h"

namespace mote::evaluate {
namespace {

Json mix_json(const deploy::InstructionMix& mix) {
  Json fields = Json::object();
  for (size_t i = 0; i < mix.count.size(); i++)
    fields[std::string(deploy::kInstructionClasses[i])] = mix.count[i];
  return fields;
}

Json interval(const std::optional<deploy::Interval<double>>& range) {
  return range ? Json{range->least, range->most} : Json();
}

Json model_json(const std::optional<deploy::CycleModel>& model) {
  Json fields{{"cycles_modelled", nullptr},
              {"milliseconds_modelled", nullptr},
              {"energy_estimated_uj", nullptr},
              {"energy_source", nullptr}};
  if (!model) return fields;
  fields["cycles_modelled"] = {model->cycles.least, model->cycles.most};
  fields["milliseconds_modelled"] = interval(model->milliseconds);
  fields["energy_estimated_uj"] = interval(model->energy_uj);
  if (model->energy_uj) fields["energy_source"] = model->energy_source;
  return fields;
}

}  // namespace

Json json_of(const std::vector<deploy::WeightsFacts>& weights) {
  Json list = Json::array();
  for (const deploy::WeightsFacts& facts : weights)
    list.push_back({{"layer", facts.layer},
                    {"storage", facts.storage},
                    {"bytes", facts.bytes},
                    {"mask_bytes", facts.mask_bytes},
                    {"variant", facts.variant}});
  return list;
}

Json json_of(const deploy::ConstantBytes& constants) {
  return {{"value_bytes", constants.values},
          {"mask_bytes", constants.masks},
          {"bias_bytes", constants.biases},
          {"other_bytes", constants.others}};
}

Json json_of(const FirmwareFigures& figures) {
  const deploy::FirmwareSize& size = figures.size;
  Json fields{{"flash_bytes", size.flash_bytes},
              {"constant_bytes", size.constant_bytes},
              {"code_bytes", size.code_bytes},
              {"arena_bytes", size.arena_bytes},
              {"static_bytes", size.static_bytes}};
  fields.update(json_of(figures.constants));
  if (!figures.not_linked.empty())
    for (const char* key : {"flash_bytes", "code_bytes", "static_bytes"}) fields[key] = nullptr;
  fields["compiler"] = figures.compiler.empty() ? Json() : Json(figures.compiler);
  fields["fits"] = !figures.over_budget;
  if (figures.over_budget) {
    fields["flash_over_bytes"] = figures.over_budget->flash_over_bytes;
    fields["ram_over_bytes"] = figures.over_budget->ram_over_bytes;
    if (!figures.over_budget->held_by.empty())
      fields["external_memory"] = figures.over_budget->held_by;
  }
  Json run{{"ram_bytes", nullptr}, {"stack_bytes", nullptr}, {"instructions", nullptr},
           {"mix", nullptr},       {"load_words", nullptr},  {"store_words", nullptr},
           {"ran_on", nullptr},    {"emulator", nullptr},    {"outputs_equal", nullptr},
           {"samples", 0}};
  if (figures.check)
    run = {{"ram_bytes", figures.check->emulation.ram_bytes},
           {"stack_bytes", figures.check->emulation.stack_bytes},
           {"instructions", figures.check->emulation.instructions},
           {"mix", mix_json(figures.check->emulation.mix)},
           {"load_words", figures.check->emulation.mix.load_words},
           {"store_words", figures.check->emulation.mix.store_words},
           {"ran_on", figures.check->ran_on},
           {"emulator", figures.check->emulator},
           {"outputs_equal", figures.check->outputs_equal},
           {"samples", figures.check->samples}};
  fields.update(run);
  fields.update(model_json(figures.check ? figures.check->modelled : std::nullopt));
  return fields;
}

Json json_of(const Metrics& metrics) {
  return {{"samples", metrics.samples},
          {"top1", metrics.top1},
          {"top1_interval", {metrics.top1_interval.low, metrics.top1_interval.high}},
          {"macro_precision", metrics.macro_precision},
          {"macro_recall", metrics.macro_recall},
          {"macro_f1", metrics.macro_f1}};
}

Json json_of(const Latency& latency) {
  return {{"engine", latency.engine}, {"threads", latency.threads},
          {"runs", latency.runs},     {"median_us", latency.median_us},
          {"p10_us", latency.p10_us}, {"p90_us", latency.p90_us}};
}

Json json_of(const Divergence& divergence) {
  Json json{{"squared_error", divergence.squared_error}, {"sqnr_db", divergence.sqnr_db()}};
  if (!divergence.classes) return json;
  json["kl"] = divergence.kl;
  json["agreement"] = divergence.agreement;
  return json;
}

}  // namespace mote::evaluate
