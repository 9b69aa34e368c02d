namespace ImageTarTasks.Values;

public static partial class Diagnostics
{
    /// <summary>The code of "No such image", which <c>rmi -f</c> tolerates.</summary>
    public const string NoSuchImageCode = "ITT3010";

    /// <summary>The code of an image that is not there for a platform, which lists leave out.</summary>
    public const string NoSuchPlatformCode = "ITT3012";

    /// <summary>The code of a target that holds no image, which lists show as what it is.</summary>
    public const string NotAnImageCode = "ITT3013";

    /// <summary>The code of a store whose folder cannot be locked, as one that is only read cannot.</summary>
    public const string LockingBrokenCode = "ITT3004";

    /// <summary>The code of "No such container", which <c>rm -f</c> tolerates.</summary>
    public const string NoSuchContainerCode = "ITT3031";

    /// <summary>The code of text that is no reference.</summary>
    public const string InvalidReferenceCode = "ITT1001";

    /// <summary>ITT1010: the system refused to read or write somewhere no better is known about.</summary>
    public static ImageTarException InputOutputFailed(Exception failure) =>
        Error("ITT1010", UntrustedText.Show(failure.Message), failure is FileNotFoundException { FileName: { } name } ? new ContentLocation(name) : null, failure);

    /// <summary>ITT1011: a size is not a number and a unit.</summary>
    public static ImageTarException InvalidSize(string option, string text) =>
        Error("ITT1011", $"{option}: {Quote(text)} is not a size; write bytes, or a number and a unit such as 512MiB or 1GB");

    /// <summary>ITT1013: SOURCE_DATE_EPOCH is not a number of seconds.</summary>
    public static ImageTarException InvalidEpoch(string variable, string text) =>
        Error("ITT1013", $"{variable}: {Quote(text)} is not a number of seconds since 1970-01-01 UTC, such as 1700000000");

    /// <summary>ITT1016: two options that cannot both be meant.</summary>
    public static ImageTarException OptionsExclude(string first, string second) =>
        Error("ITT1016", $"{first} and {second} exclude each other");

    /// <summary>ITT1040: a compression is not one that can be written.</summary>
    public static ImageTarException InvalidCompression(string option, string text) =>
        Error("ITT1040", $"{option}: {Quote(text)} is not a compression that can be written; write none, gzip or zstd, or one with a level: gzip:0 to gzip:9, zstd:1 to zstd:22");

    /// <summary>ITT1041: the name of a file promises another compression than was asked for, or one that cannot be written.</summary>
    public static ImageTarException CompressionContradictsName(string path, string why) =>
        Error("ITT1041", $"{UntrustedText.Show(path)}: {why}", new ContentLocation(path));

    /// <summary>ITT1042: an output cannot be replaced, because it is something else than what is to be written.</summary>
    public static ImageTarException FolderNotReplaced(string path, string why) =>
        Error("ITT1042", $"{UntrustedText.Show(path)} is not replaced: {why}; name a new or empty folder, or one that is an OCI layout", new ContentLocation(path));

    /// <summary>ITT1043: an argument of except is both an image and a file, or neither.</summary>
    public static ImageTarException ExceptNotFound(string text, string why) =>
        Error("ITT1043", $"except: {Quote(text)} {why}");

    /// <summary>ITT1044: a list of digests has something else.</summary>
    public static ImageTarException NotADigestList(string path, string why) =>
        Error("ITT1044", $"{UntrustedText.Show(path)} is neither an image archive nor a list of digests: {why}", new ContentLocation(path));

    /// <summary>ITT9201: what the receiver was said to have is no part of what is saved.</summary>
    public static Diagnostic NothingLeftOut(string except) =>
        Warning("ITT9201", $"except: {Quote(except)} has no layer of what is saved, so nothing was left out for its sake; layers in another compression are other layers");

    /// <summary>ITT1014: two options that exclude each other, or neither of them.</summary>
    public static ImageTarException NotExactlyOne(string first, string second) =>
        Error("ITT1014", $"exactly one of {first} and {second} is required");
}
