#include "report/pack.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/ascii.h"
#include "report/table.h"

namespace mote::report {
namespace {

double shown(double number, int32_t digits) {
  return parse_number<double>(fmt::format("{:.{}g}", number, digits)).value_or(number);
}

class Packer {
 public:
  Packer(const Records& records, const Made& made) : records_(records), made_(made) {
    for (const Task& task : records.tasks)
      if (is_row(task)) rows_.push_back(&task);
  }

  Json pack() {
    Json packed{{"names", records_.names},  {"made", made()},           {"tasks", task_counts()},
                {"columns", column_list()}, {"rows", rows_.size()},     {"values", values()},
                {"details", details()},     {"trainings", trainings()}, {"problems", problems()},
                {"published", published()}};
    packed["text_keys"] = text_keys_;
    packed["texts"] = std::move(texts_);
    packed["lists"] = std::move(lists_);
    return packed;
  }

 private:
  // A text or a list as its place among those that occur.
  Json text(const std::string& value) {
    const auto [place, is_new] = text_places_.try_emplace(value, texts_.size());
    if (is_new) texts_.push_back(value);
    return place->second;
  }
  Json list(const Json& value) {
    if (!value.is_array()) return Json();
    Json packed = Json::array();
    for (const Json& entry : value) packed.push_back(scalar(entry, 4));
    const auto [place, is_new] = list_places_.try_emplace(packed.dump(), lists_.size());
    if (is_new) lists_.push_back(std::move(packed));
    return place->second;
  }
  Json scalar(const Json& value, int32_t digits) {
    if (value.is_string()) return text(value.get<std::string>());
    return value.is_number_float() ? Json(shown(value.get<double>(), digits)) : value;
  }

  Json values() {
    Json result = Json::object();
    const auto add = [&](const std::string& key, auto value_of) {
      Json column = Json::array();
      bool any = false;
      for (const Task* row : rows_) {
        Json value = value_of(*row);
        if (value.is_string()) text_keys_.insert(key);
        if (value.is_array())
          value = Json{scalar(value[0], 6), scalar(value[1], 6)};
        else
          value = scalar(value, 6);
        any = any || !value.is_null();
        column.push_back(std::move(value));
      }
      if (any) result[key] = std::move(column);
    };
    for (const Column& column : columns()) {
      add(column.key, [&](const Task& task) { return column.value(task); });
      if (column.interval)
        add(std::string(column.key) + "_interval",
            [&](const Task& task) { return task.at(column.interval); });
    }
    // What the page tells of a chosen model, beyond the table.
    constexpr std::pair<const char*, const char*> kFurther[] = {
        {"baseline_top1", "/result/evaluation/baseline_top1"},
        {"mcnemar_method", "/result/evaluation/mcnemar_method"},
        {"engine", "/result/evaluation/engine"},
        {"outputs_equal", "/result/firmware/outputs_equal"},
        {"firmware_samples", "/result/firmware/samples"},
        {"ran_on", "/result/firmware/ran_on"},
        {"energy_source", "/result/firmware/energy_source"},
        {"peak_bytes", "/result/memory_plan/peak_bytes"},
        {"lower_bound_bytes", "/result/memory_plan/lower_bound_bytes"},
        {"plan_steps", "/result/memory_plan/steps"}};
    for (const auto& further : kFurther)
      add(further.first, [&](const Task& task) { return task.at(further.second); });
    add("hash", [](const Task& task) { return Json(task.hash); });
    return result;
  }

  // Lists of each row, by their places.
  Json details() {
    static const std::vector<std::pair<std::string, std::string>> kLists{
        {"class_names", "/result/evaluation/classes"},
        {"precision", "/result/evaluation/precision"},
        {"recall", "/result/evaluation/recall"},
        {"f1", "/result/evaluation/f1"},
        {"support", "/result/evaluation/support"},
        {"layer_names", "/result/layers/name"},
        {"layer_ops", "/result/layers/op"},
        {"layer_macs", "/result/layers/macs"},
        {"layer_weight_bytes", "/result/layers/weight_bytes"},
        {"layer_instructions", "/result/layers/instructions"},
        {"layer_weights", "/result/layers/weights"},
        {"layer_zeros", "/result/layers/zeros"},
        {"layer_snr_db", "/result/layers/snr_db"},
        {"layer_value_bytes", "/result/layers/value_bytes"},
        {"layer_mask_bytes", "/result/layers/mask_bytes"},
        {"layer_bias_bytes", "/result/layers/bias_bytes"},
        {"layer_other_bytes", "/result/layers/other_bytes"},
        {"buffer_names", "/result/memory_plan/buffers/name"},
        {"buffer_sizes", "/result/memory_plan/buffers/size_bytes"},
        {"buffer_offsets", "/result/memory_plan/buffers/offset_bytes"},
        {"buffer_first", "/result/memory_plan/buffers/first_use"},
        {"buffer_last", "/result/memory_plan/buffers/last_use"}};
    Json result = Json::object();
    for (const auto& [key, pointer] : kLists) {
      Json places = Json::array();
      for (const Task* row : rows_) {
        const Json& value = row->at(pointer.c_str());
        if (value.is_array() && !value.empty() && value[0].is_string()) text_keys_.insert(key);
        places.push_back(list(value));
      }
      result[key] = std::move(places);
    }
    for (const bool counts : {false, true}) {
      const char* key = counts ? "mix_counts" : "mix_names";
      if (!counts) text_keys_.insert(key);
      result[key] = Json::array();
      for (const Task* row : rows_)
        result[key].push_back(mix(row->at("/result/firmware/mix"), counts));
    }
    Json confusion = Json::array();
    for (const Task* row : rows_)
      confusion.push_back(flat(row->at("/result/evaluation/confusion")));
    result["confusion"] = std::move(confusion);
    return result;
  }

  Json mix(const Json& of_classes, bool counts) {
    if (!of_classes.is_object()) return Json();
    Json all = Json::array();
    for (const auto& [name, count] : of_classes.items()) all.push_back(counts ? count : Json(name));
    return list(all);
  }

  Json flat(const Json& matrix) {
    if (matrix.is_null()) return Json();
    Json all = Json::array();
    for (const Json& row : matrix) all.insert(all.end(), row.begin(), row.end());
    return list(all);
  }

  Json trainings() {
    Json result = Json::array();
    for (const Task& task : records_.tasks) {
      if (task.at("/task") != "train" || task.failed()) continue;
      Json options = Json::array();
      if (const Json& training = task.at("/result/training"); training.is_object())
        for (const auto& [key, value] : training.items())
          options.push_back(
              text(key + " " +
                   (value.is_string() ? value.get<std::string>() : scalar(value, 6).dump())));
      if (const Json& seconds = task.at("/timing/seconds"); !seconds.is_null())
        options.push_back(text(fmt::format("trained in {:.0f} s", seconds.get<double>())));
      result.push_back({{"network", scalar(task.at("/cell/network"), 6)},
                        {"data", scalar(column("data").value(task), 6)},
                        {"seed", task.at("/cell/seed")},
                        {"top1", task.at("/result/top1")},
                        {"loss", list(task.at("/result/history/loss"))},
                        {"validation_top1", list(task.at("/result/history/validation_top1"))},
                        {"options", options}});
    }
    return result;
  }

  Json task_counts() const {
    std::map<std::string, int64_t> counts;
    for (const Task& task : records_.tasks) counts[task.text("/task")]++;
    Json result(counts);
    result["unfinished"] = records_.unfinished;
    return result;
  }

  Json column_list() const {
    Json list = Json::array();
    for (const Column& column : columns())
      list.push_back({{"key", column.key},
                      {"heading", column.heading},
                      {"unit", column.unit},
                      {"source", name_of(column.source)},
                      {"format", name_of(column.format)},
                      {"main", column.main}});
    return list;
  }

  Json problems() const {
    Json list = Json::array();
    for (const Problem& problem : records_.problems)
      list.push_back({problem.file, problem.key, problem.message});
    return list;
  }

  Json published() const {
    Json list = Json::array();
    for (const Published& entry : made_.published)
      list.push_back({{"label", entry.label},
                      {"smaller", entry.smaller_percent},
                      {"ratio", entry.ratio()},
                      {"change", entry.change ? Json(*entry.change) : Json()},
                      {"claim", entry.claim},
                      {"bytes", entry.bytes},
                      {"source", entry.source},
                      {"data", entry.data}});
    return list;
  }

  // How it was made: each distinct value once, in order.
  Json made() const {
    const auto distinct = [&](auto value_of) {
      std::map<std::string, int64_t> counts;
      for (const Task& task : records_.tasks)
        if (const std::string value = value_of(task); !value.empty()) counts[value]++;
      return Json(counts);
    };
    const auto at = [](const char* pointer) {
      return [pointer](const Task& task) {
        const Json& value = task.at(pointer);
        return value.is_null() || value.is_string() ? task.text(pointer) : value.dump();
      };
    };
    return {{"version", made_.version},
            {"command", made_.command},
            {"versions", distinct(at("/version"))},
            {"commits", distinct(at("/commit"))},
            {"seeds", distinct(at("/cell/seed"))},
            {"machines", distinct(machine_of)},
            {"engines", distinct(at("/result/evaluation/engine"))},
            {"devices", distinct(device_of)},
            {"data", distinct(data_of)},
            {"recipes", distinct(recipe_of)},
            {"compilers", distinct(at("/result/firmware/compiler"))},
            {"emulators", distinct(at("/result/firmware/emulator"))},
            {"energy_sources", distinct(at("/result/firmware/energy_source"))}};
  }

  static std::string machine_of(const Task& task) {
    std::string machine = task.text("/timing/machine/cpu");
    if (const Json& cores = task.at("/timing/machine/cores"); !cores.is_null())
      machine += ", " + cores.dump() + " cores";
    const std::string system = task.text("/timing/machine/system");
    return machine + (system.empty() ? "" : ", " + system);
  }
  static std::string device_of(const Task& task) {
    const std::string device = task.text("/result/firmware/device"),
                      description = task.text("/result/firmware/description");
    if (device.empty()) return "";
    const Json& clock = task.at("/result/firmware/clock_hz");
    return device + (description.empty() ? "" : ": " + description) +
           (clock.is_null() ? "" : fmt::format(", {:.4g} MHz", clock.get<double>() / 1e6));
  }
  static std::string data_of(const Task& task) {
    const std::string digest = task.text("/inputs/data_sha256");
    return digest.empty()
               ? ""
               : text_of(Format::text, column("data").value(task)) + ", SHA-256 " + digest;
  }
  // "int8: calibrate (observer min_max, samples 256), quantize (scheme int8)"
  static std::string recipe_of(const Task& task) {
    const Json& steps = task.at("/result/steps");
    if (steps.is_null()) return "";
    std::string line;
    for (const Json& step : steps) {
      std::string name, options;
      for (const auto& [key, value] : step.items()) {
        const std::string shown = value.is_string() ? value.get<std::string>() : value.dump();
        if (key == "do")
          name = shown;
        else
          options += (options.empty() ? "" : ", ") + key + " " + shown;
      }
      line += (line.empty() ? "" : ", ") + name + (options.empty() ? "" : " (" + options + ")");
    }
    return task.text("/cell/recipe") + ": " + (line.empty() ? "as trained" : line);
  }

  const Records& records_;
  const Made& made_;
  std::vector<const Task*> rows_;
  Json texts_ = Json::array(), lists_ = Json::array();
  std::set<std::string> text_keys_;  // whose values are places of texts
  std::map<std::string, size_t> text_places_, list_places_;
};

}  // namespace

Json pack(const Records& records, const Made& made) {
  return Packer(records, made).pack();
}

}  // namespace mote::report
