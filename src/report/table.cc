#include "report/table.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/error.h"

namespace mote::report {
namespace {

Json data_of(const Task& task) {
  const Json& name = task.at("/cell/data");
  return task.at("/cell/synthetic") == true ? Json(task.text("/cell/data") + " (synthetic)") : name;
}

Json points_of(const Task& task) {
  const Json &top1 = task.at("/result/evaluation/top1"),
             &baseline = task.at("/result/evaluation/baseline_top1");
  if (top1.is_null() || baseline.is_null()) return Json();
  return 100 * (top1.get<double>() - baseline.get<double>());
}

Json p10_to_p90(const Task& task) {
  const Json &low = task.at("/timing/latency/p10_us"), &high = task.at("/timing/latency/p90_us");
  return low.is_null() || high.is_null() ? Json() : Json{low, high};
}

constexpr auto given = Source::given;
constexpr auto measured = Source::measured;
constexpr auto modelled = Source::modelled;

#define EVALUATION "/result/evaluation/"
#define FIRMWARE "/result/firmware/"
const Column kColumns[] = {
    {"network", "network", "", given, Format::text, "/cell/network", nullptr, nullptr, true},
    {"data", "data", "", given, Format::text, "", data_of, nullptr, true},
    {"seed", "seed", "", given, Format::count, "/cell/seed", nullptr, nullptr, true},
    {"recipe", "recipe", "", given, Format::text, "/cell/recipe", nullptr, nullptr, true},
    {"scheme", "scheme", "", given, Format::text, "/result/model/scheme"},
    {"device", "device", "", given, Format::text, "/cell/device", nullptr, nullptr, true},
    {"outcome", "outcome", "", given, Format::text, "",
     [](const Task& task) { return Json(outcome(task)); }, nullptr, true},
    {"reason", "reason", "", given, Format::text, "",
     [](const Task& task) { return Json(reason(task)); }},
    {"top1", "top-1", "%", measured, Format::percent, EVALUATION "top1", nullptr,
     EVALUATION "top1_interval", true},
    {"change", "change", "points", measured, Format::points, "", points_of, nullptr, true},
    {"mcnemar_p", "McNemar p", "", measured, Format::probability, EVALUATION "mcnemar_p"},
    {"macro_precision", "macro precision", "%", measured, Format::percent,
     EVALUATION "macro_precision"},
    {"macro_recall", "macro recall", "%", measured, Format::percent, EVALUATION "macro_recall"},
    {"macro_f1", "macro F1", "%", measured, Format::percent, EVALUATION "macro_f1"},
    {"samples", "test images", "", given, Format::count, EVALUATION "samples"},
    {"parameters", "parameters", "", given, Format::count, "/result/model/parameters"},
    {"macs", "MACs", "", given, Format::count, "/result/model/macs"},
    {"sparsity", "zero weights", "%", measured, Format::percent, "/result/model/sparsity"},
    {"file_bytes", "file", "B", measured, Format::count, "/result/model/file_bytes"},
    {"gzip_bytes", "gzip", "B", measured, Format::count, "/result/model/gzip_bytes"},
    {"constant_bytes", "constants", "B", measured, Format::count, FIRMWARE "constant_bytes",
     nullptr, nullptr, true},
    {"value_bytes", "weights", "B", measured, Format::count, FIRMWARE "value_bytes"},
    {"mask_bytes", "masks", "B", measured, Format::count, FIRMWARE "mask_bytes"},
    {"bias_bytes", "biases", "B", measured, Format::count, FIRMWARE "bias_bytes"},
    {"other_bytes", "other constants", "B", measured, Format::count, FIRMWARE "other_bytes"},
    {"code_bytes", "code", "B", measured, Format::count, FIRMWARE "code_bytes"},
    {"flash_bytes", "flash", "B", measured, Format::count, FIRMWARE "flash_bytes", nullptr, nullptr,
     true},
    {"arena_bytes", "arena", "B", measured, Format::count, FIRMWARE "arena_bytes"},
    {"static_bytes", "static", "B", measured, Format::count, FIRMWARE "static_bytes"},
    {"stack_bytes", "stack", "B", measured, Format::count, FIRMWARE "stack_bytes"},
    {"ram_bytes", "RAM", "B", measured, Format::count, FIRMWARE "ram_bytes", nullptr, nullptr,
     true},
    {"instructions", "instructions", "", measured, Format::count, FIRMWARE "instructions", nullptr,
     nullptr, true},
    {"latency_us", "host latency", "µs", measured, Format::number, "/timing/latency/median_us",
     nullptr, nullptr, true},
    {"latency_spread_us", "host p10 to p90", "µs", measured, Format::interval, "", p10_to_p90},
    {"cycles_modelled", "cycles", "", modelled, Format::interval, FIRMWARE "cycles_modelled"},
    {"milliseconds_modelled", "device time", "ms", modelled, Format::interval,
     FIRMWARE "milliseconds_modelled", nullptr, nullptr, true},
    {"energy_estimated_uj", "energy", "µJ", Source::estimated, Format::interval,
     FIRMWARE "energy_estimated_uj", nullptr, nullptr, true},
};
#undef EVALUATION
#undef FIRMWARE

// "Flash is 1,234 B over its 262,144 B."
std::string overrun(const Task& task, const std::string& memory, const char* name) {
  const std::string path = "/result/firmware/" + memory;
  const Json& over = task.at((path + "_over_bytes").c_str());
  const Json& limit = task.at((path + "_limit_bytes").c_str());
  if (over.is_null() || over == 0) return "";
  const std::string sentence = fmt::format("{} is {} B over", name, text_of(Format::count, over));
  return limit.is_null() ? sentence
                         : fmt::format("{} its {} B", sentence, text_of(Format::count, limit));
}

// Three significant digits, and all of those before the point.
std::string number_text(double number) {
  if (std::abs(number) >= 1e15) return fmt::format("{:.3g}", number);
  if (std::abs(number) >= 1000)
    return fmt::format(
        "{}", fmt::group_digits(parse_number<int64_t>(fmt::format("{:.0f}", number)).value_or(0)));
  const int32_t decimals = std::abs(number) >= 100 ? 0 : std::abs(number) >= 10 ? 1 : 2;
  return fmt::format("{:.{}f}", number, decimals);
}

}  // namespace

std::string_view name_of(Source source) {
  switch (source) {
    case Source::given:
      return "given";
    case Source::measured:
      return "measured";
    case Source::modelled:
      return "modelled";
    case Source::estimated:
      return "estimated";
  }
  return "";
}

std::string_view name_of(Format format) {
  switch (format) {
    case Format::text:
      return "text";
    case Format::count:
      return "count";
    case Format::percent:
      return "percent";
    case Format::points:
      return "points";
    case Format::probability:
      return "probability";
    case Format::number:
      return "number";
    case Format::interval:
      return "interval";
  }
  return "";
}

Json Column::value(const Task& task) const {
  return compute ? compute(task) : task.at(pointer);
}

std::span<const Column> columns() {
  return kColumns;
}

const Column& column(std::string_view key) {
  const auto found = std::ranges::find_if(kColumns, [&](const Column& c) { return c.key == key; });
  if (found == std::end(kColumns))
    throw Error(ErrorKind::internal, "no such column", std::string(key));
  return *found;
}

bool is_row(const Task& task) {
  return task.measure() || task.failed();
}

std::string outcome(const Task& task) {
  if (task.failed()) return "failed";
  if (task.too_large()) return "does not fit";
  return task.at("/result/firmware/not_run").is_null() ? "done" : "not run";
}

std::string reason(const Task& task) {
  if (task.failed())
    return fmt::format("{}: {}: {}", task.text("/task"), task.text("/error/kind"),
                       task.text("/error/message"));
  if (!task.too_large()) return task.text("/result/firmware/not_run");
  const std::string flash = overrun(task, "flash", "flash"), ram = overrun(task, "ram", "RAM");
  if (flash.empty() && ram.empty()) return task.text("/result/firmware/reason");
  return flash + (flash.empty() || ram.empty() ? "" : ", ") + ram;
}

std::string text_of(Format format, const Json& value) {
  if (value.is_null()) return "";
  switch (format) {
    case Format::text:
      return value.get<std::string>();
    case Format::count:
      return fmt::format("{}", fmt::group_digits(value.get<int64_t>()));
    case Format::percent:
      return fmt::format("{:.2f}", 100 * value.get<double>());
    case Format::points: {
      const std::string text = fmt::format("{:+.2f}", value.get<double>());
      return text == "-0.00" || text == "+0.00" ? "0.00" : text;
    }
    case Format::probability:
      return value < 0.001 ? "< 0.001" : fmt::format("{:.3f}", value.get<double>());
    case Format::number:
      return number_text(value.get<double>());
    case Format::interval:
      return number_text(value[0].get<double>()) + " to " + number_text(value[1].get<double>());
  }
  return "";
}

}  // namespace mote::report
