using System.Globalization;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Text;
using static ImageTarTasks.Core.Diagnostics.DiagnosticFactory;

namespace ImageTarTasks.Core.Dockerfile;

/// <summary>
/// Errors of Dockerfile instructions (ITT12xx). The words are Docker's, so that users find them when they search.
/// </summary>
internal static class DockerfileDiagnostics
{
    /// <summary>ITT1201: the changes contain only blanks and comments.</summary>
    public static ImageTarException ChangesWithoutInstructions() => Error("ITT1201", "file with no instructions");

    /// <summary>ITT1202: an instruction does not change an image's configuration, or is unknown.</summary>
    public static ImageTarException NotAChangeCommand(string word) =>
        Error(
            "ITT1202",
            $"{UntrustedText.Show(word)} is not a valid change command; CMD, ENTRYPOINT, ENV, EXPOSE, "
                + $"HEALTHCHECK, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME and WORKDIR are"
        );

    /// <summary>ITT1203: a parser directive occurs twice.</summary>
    public static ImageTarException RepeatedParserDirective(string name) =>
        Error("ITT1203", $"only one {UntrustedText.Show(name)} parser directive can be used");

    /// <summary>ITT1204: <c># escape=</c> names a character other than backslash and backtick.</summary>
    public static ImageTarException InvalidEscapeToken(string token) =>
        Error("ITT1204", $"invalid escape token '{UntrustedText.Show(token)}' does not match ` or \\");

    /// <summary>ITT1205: an instruction without any argument.</summary>
    public static ImageTarException ChangeNeedsArgument(string instruction) =>
        Error("ITT1205", $"{instruction} requires at least one argument");

    /// <summary>ITT1206: an instruction that takes one argument has none.</summary>
    public static ImageTarException ChangeNeedsOneArgument(string instruction) =>
        Error("ITT1206", $"{instruction} requires exactly one argument");

    /// <summary>ITT1207: ENV or LABEL with a name and no value.</summary>
    public static ImageTarException ChangeNeedsTwoArguments(string instruction) =>
        Error("ITT1207", $"{instruction} must have two arguments");

    /// <summary>ITT1208: a word of ENV or LABEL is not <c>name=value</c>.</summary>
    public static ImageTarException ChangeNeedsEqualsSign(string word) =>
        Error("ITT1208", $"Syntax error - can't find = in {Quote(word)}. Must be of the form: name=value");

    /// <summary>ITT1209: a name in ENV or LABEL is empty.</summary>
    public static ImageTarException ChangeWithBlankName(string instruction) =>
        Error("ITT1209", $"{instruction} names can not be blank");

    /// <summary>ITT1210: a JSON array holds something else than strings.</summary>
    public static ImageTarException ChangeArrayNotStrings() =>
        Error("ITT1210", "when using JSON array syntax, arrays must be comprised of strings only");

    /// <summary>ITT1211: a flag is unknown, repeated or lacks its value.</summary>
    /// <param name="problem">The problem, such as <c>unknown flag</c>.</param>
    /// <param name="flag">The flag with its dashes.</param>
    public static ImageTarException InvalidChangeFlag(string problem, string flag) =>
        Error("ITT1211", $"{problem}: {UntrustedText.Show(flag)}");

    /// <summary>ITT1212: quotes or a <c>${...}</c> that cannot be understood.</summary>
    public static ImageTarException InvalidSubstitution(string word, string reason) =>
        Error("ITT1212", $"failed to process {Quote(word)}: {UntrustedText.Show(reason)}");

    /// <summary>ITT1213: words after HEALTHCHECK NONE.</summary>
    public static ImageTarException HealthcheckNoneWithArguments() =>
        Error("ITT1213", "HEALTHCHECK NONE takes no arguments");

    /// <summary>ITT1214: HEALTHCHECK has a word other than NONE and CMD.</summary>
    public static ImageTarException UnknownHealthcheckType(string type) =>
        Error("ITT1214", $"Unknown type {Quote(type)} in HEALTHCHECK (try CMD)");

    /// <summary>ITT1215: HEALTHCHECK CMD and nothing after it.</summary>
    public static ImageTarException HealthcheckWithoutCommand() =>
        Error("ITT1215", "Missing command after HEALTHCHECK CMD");

    /// <summary>ITT1216: a time of HEALTHCHECK below a millisecond.</summary>
    public static ImageTarException HealthcheckTimeTooShort(string flag) =>
        Error("ITT1216", $"Interval \"{flag}\" cannot be less than 1ms");

    /// <summary>ITT1217: a time or number of HEALTHCHECK cannot be parsed.</summary>
    public static ImageTarException InvalidHealthcheckNumber(string reason) =>
        Error("ITT1217", UntrustedText.Show(reason));

    /// <summary>ITT1218: ONBUILD ONBUILD.</summary>
    public static ImageTarException ChainedOnbuild() =>
        Error("ITT1218", "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");

    /// <summary>ITT1219: ONBUILD FROM or MAINTAINER.</summary>
    public static ImageTarException InvalidOnbuildTrigger(string word) =>
        Error("ITT1219", $"{UntrustedText.Show(word)} isn't allowed as an ONBUILD trigger");

    /// <summary>ITT1220: a port of EXPOSE.</summary>
    public static ImageTarException InvalidPort(string problem, string text) =>
        Error("ITT1220", $"{problem}: {UntrustedText.Show(text)}");

    /// <summary>ITT1221: STOPSIGNAL with neither a signal's name nor a number.</summary>
    public static ImageTarException InvalidSignal(string text) =>
        Error("ITT1221", $"invalid signal: {UntrustedText.Show(text)}");

    /// <summary>ITT1222: a VOLUME is the empty string.</summary>
    public static ImageTarException EmptyVolume() => Error("ITT1222", "VOLUME specified can not be an empty string");

    /// <summary>ITT1223: WORKDIR is empty after its variables are expanded.</summary>
    public static ImageTarException EmptyWorkdir() =>
        Error("ITT1223", "cannot normalize nothing: WORKDIR is empty after its variables were replaced");

    /// <summary>ITT1224: a name of an item that sets a variable or a label.</summary>
    public static ImageTarException InvalidSettingName(string property, string name) =>
        Error(
            "ITT1224",
            $"{property}: {Quote(name)} cannot be a name"
                + (name.Contains('=', StringComparison.Ordinal) ? "; the value belongs into the metadata Value" : "")
        );

    /// <summary>The same refusal, saying which change it is about.</summary>
    /// <param name="refused">Why.</param>
    /// <param name="number">Which one of the changes, from 1.</param>
    /// <param name="text">The instruction.</param>
    internal static ImageTarException InChange(ImageTarException refused, int number, string text) =>
        new(
            refused.Diagnostic with
            {
                Message = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{refused.Message} (change {number}: {Quote(text)})"
                ),
            },
            refused
        );
}
