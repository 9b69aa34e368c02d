namespace ImageTarTasks.Tests.Support;

/// <summary>
/// Compares contents as spans: CollectionAssert boxes every byte, which takes seconds for some megabytes.
/// </summary>
internal static class ByteAssert
{
    public static void AreEqual(byte[] expected, byte[] actual, string message = "")
    {
        if (expected.AsSpan().SequenceEqual(actual))
        {
            return;
        }

        var at = expected.AsSpan().CommonPrefixLength(actual);
        Assert.Fail(
            $"{expected.Length} bytes expected, {actual.Length} found; the first difference is at {at}. {message}"
        );
    }
}
