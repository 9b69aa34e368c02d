using System.Globalization;

namespace ImageTarTasks.Values;

public static partial class Diagnostics
{
    // 105x: what to import.

    /// <summary>ITT1050: two options that cannot both be given.</summary>
    public static ImageTarException OptionsExclude(string first, string second, string why) =>
        Error("ITT1050", $"{first} and {second} exclude each other: {why}");

    /// <summary>ITT1051: an option that means nothing without another one, or for this input.</summary>
    public static ImageTarException OptionNeeds(string option, string what) => Error("ITT1051", $"{option} needs {what}");

    /// <summary>ITT1052: a point in time that is none.</summary>
    public static ImageTarException InvalidTime(string option, string text) =>
        Error("ITT1052", $"{option}: {Quote(text)} is no point in time; write 2026-01-31T12:00:00Z, or seconds since 1970-01-01 UTC");

    /// <summary>ITT1054: a change of permission bits that is none.</summary>
    public static ImageTarException InvalidModeChange(string option, string text) =>
        Error("ITT1054", $"{option}: {Quote(text)} is no mode; write octal digits up to 7777, or letters such as u+rwX,go=rX, with D or F before a part for folders or files only");

    /// <summary>ITT1056: where an item is to go is no place in a root filesystem.</summary>
    public static ImageTarException InvalidTarget(string item, string target, string why) =>
        Error("ITT1056", $"{UntrustedText.Show(item)} cannot go to {Quote(target)}: {why}", new ContentLocation(item));

    /// <summary>ITT1057: a line of an mtree specification that cannot be understood.</summary>
    public static ImageTarException SpecificationSyntax(string file, int line, string why) =>
        Error("ITT1057", string.Create(CultureInfo.InvariantCulture, $"line {line}: {why}"), new ContentLocation(file));

    /// <summary>ITT1058: an mtree specification describes something else than there is.</summary>
    public static ImageTarException SpecificationDiffers(string file, int line, ByteString name, string why) =>
        Error("ITT1058", string.Create(CultureInfo.InvariantCulture, $"line {line}: \"{name}\": {why}"), new ContentLocation(file));

    /// <summary>ITT1059: a rule puts something below what is no folder.</summary>
    public static ImageTarException BelowNoFolder(ByteString name, ByteString parent) =>
        Error("ITT1059", $"\"{name}\" cannot be added: \"{parent}\" is there and is no folder; if it is a link to one, name that folder");

    // 12xx: Dockerfile changes. The words are Docker's, so that what people know and search for stays true.

    /// <summary>ITT1201: there are changes, but nothing in them but blanks and comments.</summary>
    public static ImageTarException ChangesWithoutInstructions() => Error("ITT1201", "file with no instructions");

    /// <summary>ITT1202: an instruction that says nothing about an image's configuration, or is none.</summary>
    public static ImageTarException NotAChangeCommand(string word) =>
        Error("ITT1202", $"{UntrustedText.Show(word)} is not a valid change command; CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME and WORKDIR are");

    /// <summary>ITT1203: a parser directive stands twice.</summary>
    public static ImageTarException RepeatedParserDirective(string name) =>
        Error("ITT1203", $"only one {UntrustedText.Show(name)} parser directive can be used");

    /// <summary>ITT1204: <c># escape=</c> with another character than backslash and backtick.</summary>
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
    /// <param name="problem">What is wrong, such as <c>unknown flag</c>.</param>
    /// <param name="flag">The flag with its dashes.</param>
    public static ImageTarException InvalidChangeFlag(string problem, string flag) =>
        Error("ITT1211", $"{problem}: {UntrustedText.Show(flag)}");

    /// <summary>ITT1212: quotes or a <c>${...}</c> that cannot be understood.</summary>
    public static ImageTarException InvalidSubstitution(string word, string why) =>
        Error("ITT1212", $"failed to process {Quote(word)}: {UntrustedText.Show(why)}");

    /// <summary>ITT1213: words after HEALTHCHECK NONE.</summary>
    public static ImageTarException HealthcheckNoneWithArguments() => Error("ITT1213", "HEALTHCHECK NONE takes no arguments");

    /// <summary>ITT1214: HEALTHCHECK with another word than NONE and CMD.</summary>
    public static ImageTarException UnknownHealthcheckType(string type) =>
        Error("ITT1214", $"Unknown type {Quote(type)} in HEALTHCHECK (try CMD)");

    /// <summary>ITT1215: HEALTHCHECK CMD and nothing after it.</summary>
    public static ImageTarException HealthcheckWithoutCommand() => Error("ITT1215", "Missing command after HEALTHCHECK CMD");

    /// <summary>ITT1216: a time of HEALTHCHECK below a millisecond.</summary>
    public static ImageTarException HealthcheckTimeTooShort(string flag) =>
        Error("ITT1216", $"Interval \"{flag}\" cannot be less than 1ms");

    /// <summary>ITT1217: a time or number of HEALTHCHECK that is none.</summary>
    public static ImageTarException InvalidHealthcheckNumber(string why) => Error("ITT1217", UntrustedText.Show(why));

    /// <summary>ITT1218: ONBUILD ONBUILD.</summary>
    public static ImageTarException ChainedOnbuild() => Error("ITT1218", "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");

    /// <summary>ITT1219: ONBUILD FROM or MAINTAINER.</summary>
    public static ImageTarException InvalidOnbuildTrigger(string word) =>
        Error("ITT1219", $"{UntrustedText.Show(word)} isn't allowed as an ONBUILD trigger");

    /// <summary>ITT1220: a port of EXPOSE.</summary>
    public static ImageTarException InvalidPort(string problem, string text) =>
        Error("ITT1220", $"{problem}: {UntrustedText.Show(text)}");

    /// <summary>ITT1221: STOPSIGNAL with neither a signal's name nor a number.</summary>
    public static ImageTarException InvalidSignal(string text) => Error("ITT1221", $"invalid signal: {UntrustedText.Show(text)}");

    /// <summary>ITT1222: a VOLUME is the empty string.</summary>
    public static ImageTarException EmptyVolume() => Error("ITT1222", "VOLUME specified can not be an empty string");

    /// <summary>ITT1223: WORKDIR came out empty after variables were put in.</summary>
    public static ImageTarException EmptyWorkdir() => Error("ITT1223", "cannot normalize nothing: WORKDIR is empty after its variables were replaced");

    /// <summary>ITT1224: a name of an item that sets a variable or a label.</summary>
    public static ImageTarException InvalidSettingName(string property, string name) =>
        Error("ITT1224", $"{property}: {Quote(name)} cannot be a name{(name.Contains('=', StringComparison.Ordinal) ? "; the value belongs into the metadata Value" : "")}");

    /// <summary>The same refusal, saying which change it is about.</summary>
    /// <param name="refused">Why.</param>
    /// <param name="number">Which one of the changes, from 1.</param>
    /// <param name="text">The instruction.</param>
    internal static ImageTarException InChange(ImageTarException refused, int number, string text) =>
        new(refused.Diagnostic with { Message = string.Create(CultureInfo.InvariantCulture, $"{refused.Message} (change {number}: {Quote(text)})") }, refused);

    // 24xx: layers, flattening, root filesystems.

    /// <summary>ITT2401: a name is empty, too long, or leads out of the root.</summary>
    public static ImageTarException InvalidEntryName(string why, ContentLocation at) => Error("ITT2401", $"the entry's name {why}", at);

    /// <summary>ITT2402: the root of a file system that is no directory.</summary>
    public static ImageTarException RootNotDirectory(ContentLocation at) => Error("ITT2402", "the entry makes the root something else than a directory", at);

    /// <summary>ITT2403: an entry below a file, link or device.</summary>
    public static ImageTarException ParentNotDirectory(string parent, ContentLocation at) =>
        Error("ITT2403", $"the entry is below {Quote(parent)}, which is not a directory", at);

    /// <summary>ITT2404: the parents of an entry are symbolic links that never end.</summary>
    public static ImageTarException TooManyLinks(ContentLocation at) =>
        Error("ITT2404", $"the entry is below a loop of symbolic links (more than {Limits.SymlinkHops} were followed)", at);

    /// <summary>ITT2405: a hard link to something that is not there (yet), or to itself.</summary>
    public static ImageTarException HardLinkTargetMissing(ByteString target, ContentLocation at) =>
        Error("ITT2405", $"the entry is a hard link to \"{target}\", which does not exist at this point; a hard link must follow its target, in the same or a higher layer", at);

    /// <summary>ITT2406: a hard link to a directory.</summary>
    public static ImageTarException HardLinkToDirectory(ByteString target, ContentLocation at) =>
        Error("ITT2406", $"the entry is a hard link to \"{target}\", which is a directory", at);

    /// <summary>ITT2407: a whiteout that names nothing, <c>.</c> or <c>..</c>, is no plain file, or stands as a parent.</summary>
    public static ImageTarException InvalidWhiteout(string why, ContentLocation at) => Error("ITT2407", $"invalid whiteout: {why}", at);

    /// <summary>ITT2408: a root filesystem with a file whose name a layer would read as a whiteout.</summary>
    public static ImageTarException WhiteoutNameInRootFs(ContentLocation at) =>
        Error("ITT2408", "names beginning with \".wh.\" are whiteouts in a layer: this file cannot be imported, it would delete another one", at);

    /// <summary>ITT2409: more entries than anything real has.</summary>
    public static ImageTarException TooManyEntries(ContentLocation at) => Error("ITT2409", $"the layers have more than {Limits.Entries} entries", at);

    /// <summary>ITT2410: a plain tar without a zero block at its end; nothing else would tell that it was cut between two entries.</summary>
    public static ImageTarException EndOfArchiveMissing(ContentLocation at) =>
        Error("ITT2410", "the tar has no end: its last entry is not followed by a zero block, so it may have been cut off", at);

    /// <summary>ITT2411: an image archive given to import.</summary>
    public static ImageTarException ImageArchiveImported(ByteString member, ContentLocation at) =>
        Error("ITT2411", $"this is an image archive (it has \"{member}\"), not a root filesystem: use load", at);

    /// <summary>ITT2412: a file or folder of the root filesystem cannot be read.</summary>
    public static ImageTarException RootFsNotReadable(string path, string why, Exception? inner = null) =>
        Error("ITT2412", $"cannot read {UntrustedText.Show(path)}: {why}", new ContentLocation(path), inner);

    /// <summary>ITT2413: a file grew or shrank while it was packed.</summary>
    public static ImageTarException FileChanged(string path) =>
        Error("ITT2413", $"{UntrustedText.Show(path)} changed while it was read", new ContentLocation(path));

    /// <summary>ITT2414: a layer ends before the content its index tells of.</summary>
    public static ImageTarException LayerShorterThanIndex(ContentLocation at) =>
        Error("ITT2414", "the layer ends before the content of this entry", at);

    // 94xx: doubts about layers, one warning per rule.

    /// <summary>ITT9401: entries for which specification or tools differ, so that others may see another tree.</summary>
    /// <param name="rule">What was done, and for what.</param>
    /// <param name="count">How often.</param>
    /// <param name="first">The first few names.</param>
    public static Diagnostic LayerDoubt(string rule, long count, IReadOnlyList<ByteString> first) =>
        Warning("ITT9401", $"{rule}: {count} {(count == 1 ? "entry" : "entries")} ({string.Join(", ", first.Select(name => $"\"{name}\""))}{(count > first.Count ? ", ..." : "")})");

    /// <summary>ITT9402: a socket, which no tar can hold, was left out.</summary>
    public static Diagnostic SocketSkipped(string path) =>
        Warning("ITT9402", $"{UntrustedText.Show(path)} is a socket and was left out", new ContentLocation(path));

    /// <summary>ITT9403: the layers of an image have more entries than a verification keeps.</summary>
    public static Diagnostic TreeNotChecked(ImageId image, ContentLocation at) =>
        Warning("ITT9403", $"the layers of the image {image} have too many entries to check here that they make up a file system; load and export do", at);
}
