using System.Globalization;
using System.Text.RegularExpressions;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.GoFormats;
using ImageTarTasks.Core.Oci;

namespace ImageTarTasks.Core.Dockerfile;

/// <summary>
/// Applies Dockerfile instructions to the run-time part of a configuration, as <c>docker import --change</c> and
/// <c>docker commit --change</c> do. All of them are parsed and checked before the first is applied.
/// </summary>
internal static partial class DockerfileChanges
{
    /// <summary>
    /// The settings after <paramref name="changes"/>, which are joined by newlines and read as one Dockerfile.
    /// </summary>
    /// <param name="settings">The settings to start from.</param>
    /// <param name="changes">Instructions, each of one or several lines.</param>
    /// <param name="os">The image's operating system. It decides the shell of shell-form commands.</param>
    /// <param name="values">Settings given as values, which are applied before the changes; or null.</param>
    /// <exception cref="ImageTarException">ITT12xx, in Docker's words, with the change that is wrong.</exception>
    public static ContainerSettings Apply(
        ContainerSettings settings,
        IReadOnlyList<string> changes,
        string os = "linux",
        SettingValues? values = null
    )
    {
        if (changes.Count == 0 && values is null)
        {
            return settings;
        }

        var file =
            changes.Count == 0 ? new ParsedDockerfile([], '\\') : DockerfileParser.Parse(string.Join('\n', changes));
        var instructions = file.Instructions;
        var arguments = new Arguments[instructions.Count];
        var edits = new Action<ChangeState>[instructions.Count];
        var state = new ChangeState(settings, os, file.Escape);

        // In Docker's order, so that of several errors the one is reported that Docker reports.
        Pass(i => arguments[i] = ReadArguments(instructions[i], file.Escape));
        Pass(i => CheckName(instructions[i]));
        Pass(i => edits[i] = Compile(instructions[i], arguments[i]));
        values?.ApplyTo(state);
        Pass(i => edits[i](state));
        return state.Result();

        void Pass(Action<int> act)
        {
            for (var i = 0; i < instructions.Count; i++)
            {
                try
                {
                    act(i);
                }
                catch (ImageTarException refused)
                {
                    throw DockerfileDiagnostics.InChange(
                        refused,
                        NumberOf(instructions[i].Line),
                        instructions[i].Original.Trim()
                    );
                }
            }
        }

        int NumberOf(int line)
        {
            for (var number = 0; ; number++)
            {
                line -= changes[number].Count(c => c == '\n') + 1;
                if (line < 0)
                {
                    return number + 1;
                }
            }
        }
    }

    private static void CheckName(DockerfileInstruction instruction)
    {
        if (
            instruction.Name
            is not (
                "CMD"
                or "ENTRYPOINT"
                or "ENV"
                or "EXPOSE"
                or "HEALTHCHECK"
                or "LABEL"
                or "ONBUILD"
                or "STOPSIGNAL"
                or "USER"
                or "VOLUME"
                or "WORKDIR"
            )
        )
        {
            throw DockerfileDiagnostics.NotAChangeCommand(instruction.Word);
        }
    }

    /// <summary>The arguments of an instruction in the form it writes them.</summary>
    private sealed record Arguments(
        IReadOnlyList<string> Words,
        bool Json,
        IReadOnlyList<KeyValuePair<string, string>> Pairs
    );

    private static Arguments ReadArguments(DockerfileInstruction instruction, char escape)
    {
        var rest = instruction.Rest;
        switch (instruction.Name)
        {
            case "CMD" or "ENTRYPOINT" or "RUN" or "SHELL":
                return Command(rest);
            case "ENV" or "LABEL":
                return new([], false, DockerfileWords.Pairs(instruction.Name, rest, escape));
            case "EXPOSE":
                return new(DockerfileWords.AtBlanks(rest), false, []);
            case "VOLUME" or "ADD" or "COPY":
                var list = DockerfileWords.JsonArray(rest);
                return new(list ?? DockerfileWords.AtBlanks(rest), list is not null, []);
            case "HEALTHCHECK":
                var end = rest.AsSpan().IndexOfAny(" \t\v\f\r");
                var command = Command(end < 0 ? "" : rest[end..].TrimStart());
                return rest.Length == 0
                    ? command
                    : command with
                    {
                        Words = [end < 0 ? rest : rest[..end], .. command.Words],
                    };
            case "ONBUILD" when rest.Length > 0:
                // The trigger's word is not checked, its arguments are; it is not followed deeper, chains being refused
                // anyway.
                var trigger = DockerfileParser.Split(rest, instruction.Line);
                return trigger.Name == "ONBUILD"
                    ? new([trigger.Word], false, [])
                    : ReadArguments(trigger, escape) with
                    {
                        Words = [trigger.Word],
                    };
            default:
                return new(rest.Length == 0 ? [] : [rest], false, []);
        }

        static Arguments Command(string text)
        {
            var array = DockerfileWords.JsonArray(text);
            return new(array ?? (text.Length == 0 ? [] : [text]), array is not null, []);
        }
    }

    private static Action<ChangeState> Compile(DockerfileInstruction instruction, Arguments arguments)
    {
        var name = instruction.Name;
        var words = arguments.Words;
        if (
            name is "ENV" or "LABEL"
                ? arguments.Pairs.Count == 0
                : name is not ("CMD" or "ENTRYPOINT") && words.Count == 0
        )
        {
            throw name is "USER" or "WORKDIR" or "STOPSIGNAL"
                ? DockerfileDiagnostics.ChangeNeedsOneArgument(name)
                : DockerfileDiagnostics.ChangeNeedsArgument(name);
        }

        if (name == "HEALTHCHECK")
        {
            var check = HealthcheckInstruction.Parse(words, arguments.Json, instruction.Flags);
            return state => state.Healthcheck = check;
        }

        // Docker ignores the flags of STOPSIGNAL. None exists, so every flag is an error here.
        ChangeFlags.Parse(instruction.Flags, []);
        switch (name)
        {
            case "CMD":
                return state => state.SetCommand(words, arguments.Json);
            case "ENTRYPOINT":
                return state => state.SetEntrypoint(words, arguments.Json);
            case "ENV" or "LABEL":
                return arguments.Pairs.Any(pair => pair.Key.Length == 0)
                        ? throw DockerfileDiagnostics.ChangeWithBlankName(name)
                    : name == "ENV" ? state => state.SetEnvironment(arguments.Pairs)
                    : state => state.SetLabels(arguments.Pairs);
            case "EXPOSE":
                return state => state.Expose(words);
            case "ONBUILD":
                CheckTrigger(words[0].ToUpperInvariant());
                var trigger = OnbuildWord().Replace(instruction.Original, "", 1);
                return state => state.OnBuild.Add(trigger);
            case "STOPSIGNAL":
                return state => state.SetStopSignal(words[0]);
            case "USER":
                return state => state.SetUser(words[0]);
            case "VOLUME":
                return words.Any(string.IsNullOrWhiteSpace)
                    ? throw DockerfileDiagnostics.EmptyVolume()
                    : state => state.AddVolumes(words);
            default:
                return state => state.SetWorkdir(words[0]);
        }
    }

    private static void CheckTrigger(string word)
    {
        if (word == "ONBUILD")
        {
            throw DockerfileDiagnostics.ChainedOnbuild();
        }

        if (word is "FROM" or "MAINTAINER")
        {
            throw DockerfileDiagnostics.InvalidOnbuildTrigger(word);
        }
    }

    [GeneratedRegex(@"\A\s*ONBUILD\s*", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex OnbuildWord();
}

/// <summary>The <c>--name=value</c> flags of an instruction.</summary>
internal static class ChangeFlags
{
    /// <summary>Values by name, without dashes.</summary>
    /// <exception cref="ImageTarException">ITT1211: unknown, repeated or without a value.</exception>
    public static IReadOnlyDictionary<string, string> Parse(IReadOnlyList<string> flags, ReadOnlySpan<string> known)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var flag in flags)
        {
            var equals = flag.IndexOf('=', StringComparison.Ordinal);
            var shown = equals < 0 ? flag : flag[..equals];
            if (!known.Contains(shown[2..]))
            {
                throw DockerfileDiagnostics.InvalidChangeFlag("unknown flag", shown);
            }

            if (equals < 0)
            {
                throw DockerfileDiagnostics.InvalidChangeFlag("missing a value on flag", shown);
            }

            if (!values.TryAdd(shown[2..], flag[(equals + 1)..]))
            {
                throw DockerfileDiagnostics.InvalidChangeFlag("duplicate flag specified", shown);
            }
        }

        return values;
    }
}

/// <summary>Reads HEALTHCHECK.</summary>
internal static class HealthcheckInstruction
{
    private const long Millisecond = 1_000_000;

    /// <summary>
    /// The health check that <paramref name="words"/> (type, then the command) and <paramref name="flags"/> describe.
    /// </summary>
    /// <exception cref="ImageTarException">ITT1211, ITT1213 to ITT1217.</exception>
    public static Healthcheck Parse(IReadOnlyList<string> words, bool json, IReadOnlyList<string> flags)
    {
        var type = words[0].ToUpperInvariant();
        if (type == "NONE")
        {
            return words.Count > 1
                ? throw DockerfileDiagnostics.HealthcheckNoneWithArguments()
                : new Healthcheck(["NONE"], 0, 0, 0, 0, 0);
        }

        var values = ChangeFlags.Parse(flags, ["interval", "timeout", "start-period", "start-interval", "retries"]);
        if (type != "CMD")
        {
            throw DockerfileDiagnostics.UnknownHealthcheckType(type);
        }

        if (words.Count == 1)
        {
            throw DockerfileDiagnostics.HealthcheckWithoutCommand();
        }

        return new Healthcheck(
            [json ? "CMD" : "CMD-SHELL", .. words.Skip(1)],
            Time(values, "interval"),
            Time(values, "timeout"),
            Time(values, "start-period"),
            Time(values, "start-interval"),
            Retries(values)
        );
    }

    private static long Time(IReadOnlyDictionary<string, string> values, string name)
    {
        if (!values.TryGetValue(name, out var text) || text.Length == 0)
        {
            return 0;
        }

        if (!GoDuration.TryParse(text, out var nanoseconds, out var reason))
        {
            throw DockerfileDiagnostics.InvalidHealthcheckNumber(reason);
        }

        return nanoseconds is 0 or >= Millisecond
            ? nanoseconds
            : throw DockerfileDiagnostics.HealthcheckTimeTooShort(name);
    }

    private static int Retries(IReadOnlyDictionary<string, string> values)
    {
        if (!values.TryGetValue("retries", out var text) || text.Length == 0)
        {
            return 0;
        }

        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            throw DockerfileDiagnostics.InvalidHealthcheckNumber(
                $"strconv.ParseInt: parsing \"{text}\": invalid syntax"
            );
        }

        return number switch
        {
            < 0 => throw DockerfileDiagnostics.InvalidHealthcheckNumber(
                string.Create(CultureInfo.InvariantCulture, $"--retries cannot be negative ({number})")
            ),
            > int.MaxValue => throw DockerfileDiagnostics.InvalidHealthcheckNumber(
                $"strconv.ParseInt: parsing \"{text}\": value out of range"
            ),
            _ => (int)number,
        };
    }
}
